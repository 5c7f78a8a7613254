"""What a message means in its conversation, found without a model."""
