"""Hides the validator from cloud-init, which does without it: seeds are validated where they are made."""
raise ImportError("cloud-init does not validate seeds in this guest")
