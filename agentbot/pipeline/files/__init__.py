"""How an operator's file is read: its shape, its texts with fields, and every problem's place."""
