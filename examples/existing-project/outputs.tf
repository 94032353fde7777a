output "pixel" {
  description = "The pixel: its URLs, API, queues and function."
  value       = module.engagement.pixel
}
