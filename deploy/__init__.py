"""How the product is run: local Airflow, the image's jobs, the systems' drop, the browser that looks at pages."""
