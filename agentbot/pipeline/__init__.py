"""From a customer's turn to a decision. No socket, no REST, no database."""
