"""Isolate the tables of the records by body, and let documents and headings only grow."""

from __future__ import annotations

from django.db import migrations

GUARDS = """
select crinale_tenant('records_document');
select crinale_tenant('records_filingplan');
select crinale_tenant('records_classificationentry');
select crinale_tenant('records_dossier');
select crinale_append_only('records_document', array['metadata']);
select crinale_append_only('records_filingplan', array['valid_to']);
select crinale_append_only('records_classificationentry', array['valid_to']);
select crinale_append_only('records_dossier', array['metadata', 'closed_at', 'closed_by']);
"""


class Migration(migrations.Migration):
    """Set the guards."""

    dependencies = (("records", "0001_tables"),)
    operations = (migrations.RunSQL(GUARDS, migrations.RunSQL.noop),)
