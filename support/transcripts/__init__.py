"""What is made of whole conversations: the proof that nothing was changed."""
