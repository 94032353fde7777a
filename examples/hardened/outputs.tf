output "pixel" {
  description = "The pixel: its URLs, API, queues, function, dashboard and alarms."
  value       = module.engagement.pixel
}
