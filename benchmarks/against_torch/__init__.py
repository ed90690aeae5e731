"""The six systems in eager PyTorch, with copied weights, and the two train steps side by side."""
