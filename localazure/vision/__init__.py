"""Image Analysis 4.0 model customization: datasets, training runs, evaluations, prediction."""
