"""How the product is run: local Airflow, the image's jobs, the systems' drop."""
