output "bus_name" {
  description = "Name of the bus that backends put company events on."
  value       = module.company_events.bus_name
}

output "plan_bucket_name" {
  description = "Bucket to which marketers upload plans, as `plans/<event>.json`."
  value       = module.company_events.plan_bucket_name
}

output "ledger_table_name" {
  description = "Table of runs: what was made, when, and whom it reached."
  value       = module.company_events.ledger_table_name
}
