"""E-mails: what of one its sender has written, and whether a person sent it at all.

Papercups makes a message of a mail's plain text, with what the mail program quotes and with the
signature, and of automatic mails too. What it keeps of the headers stands in the message's
metadata: ``gmail_subject``, ``gmail_from``, ``gmail_to`` and more from a Gmail inbox,
``ses_subject``, ``ses_from`` and more from a forwarding address; a conversation that a forwarded
mail began has a ``subject`` (Papercups' source: ``sync_gmail_inbox.ex``, ``process_ses_event.ex``,
``send_ses_reply_email.ex``).
"""
