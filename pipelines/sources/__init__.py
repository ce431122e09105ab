"""The streams we know, each as one contract in YAML."""
