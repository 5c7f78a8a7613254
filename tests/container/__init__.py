"""The image: what its Dockerfile says, and what it is once it is built and run."""
