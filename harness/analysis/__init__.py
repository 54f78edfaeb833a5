"""What runs mean: values computed from records."""
