.PHONY: airflow drop

airflow: $(STAMP) ## Start Airflow here with the DAGs, pool, connection and a login that it prints
	@$(BIN)/python -m deploy.local_airflow

drop: $(STAMP) ## Start the SFTP server on which source systems drop their exports
	@$(BIN)/python -m deploy.sftp_drop
