output "pixel" {
  description = "The pixel: its URLs, API, queues and function."
  value       = module.engagement.pixel
}

output "application_id" {
  description = "ID of the Pinpoint project."
  value       = module.project.application_id
}
