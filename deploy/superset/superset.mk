.PHONY: superset superset-test

superset: $(STAMP) ## Start Apache Superset here, with its dashboard over the published snapshot
	@$(BIN)/python -m deploy.superset.start

superset-test: $(STAMP) browser ## Install Superset, import the dashboard, open it in Chromium, hold its figures against SQL
	$(BIN)/python -m pytest deploy/superset/checks
