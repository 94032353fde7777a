output "pixel" {
  description = "The pixel: its URLs, API, queues and function."
  value       = module.engagement.pixel
}

output "gtm_container" {
  description = "Container for Google Tag Manager's import: terraform output -raw gtm_container > container.json"
  value       = module.engagement.pixel.gtm_container
}

output "company_events" {
  description = "Company events: the bus, the plan bucket, the ledger and the functions."
  value       = module.engagement.company_events
}

output "application_id" {
  description = "ID of the Pinpoint project; null without Pinpoint."
  value       = one([for project in module.project : project.application_id])
}

output "connect" {
  description = "Amazon Connect: the domain, the object types of events and the triggers; null without Connect."
  value       = module.engagement.connect
}
