output "url" {
  description = "URL of the pixel, ending in `/events`."
  value       = local.url
}

output "gtm_image_url" {
  description = "Image URL for a Custom Image tag in Google Tag Manager, with the variables `{{Event}}` and `{{endpoint_id}}`."
  value       = "${local.url}?event={{Event}}&endpoint_id={{endpoint_id}}"
}

output "api_id" {
  description = "ID of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "stage_name" {
  description = "Name of the API's stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "stage_arn" {
  description = "ARN of the API's stage, for a web ACL."
  value       = aws_api_gateway_stage.this.arn
}

output "queue_arn" {
  description = "ARN of the ingest queue."
  value       = aws_sqs_queue.ingest.arn
}

output "queue_url" {
  description = "URL of the ingest queue."
  value       = aws_sqs_queue.ingest.url
}

output "rejects_queue_arn" {
  description = "ARN of the queue that keeps refused events with their reason."
  value       = aws_sqs_queue.rejects.arn
}

output "rejects_queue_url" {
  description = "URL of the queue that keeps refused events with their reason."
  value       = aws_sqs_queue.rejects.url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dlq.arn
}

output "dlq_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dlq.url
}

output "function_arn" {
  description = "ARN of the consumer function."
  value       = module.consumer.arn
}

output "function_name" {
  description = "Name of the consumer function."
  value       = module.consumer.name
}

output "log_group_name" {
  description = "Log group of the consumer function."
  value       = module.consumer.log_group_name
}

output "role_arn" {
  description = "Role of the consumer function."
  value       = module.consumer.role_arn
}

output "gateway_role_arn" {
  description = "Role with which the API writes to the ingest queue."
  value       = aws_iam_role.gateway.arn
}

output "access_log_group_name" {
  description = "Log group of the API's access logs; null without access logs."
  value       = one([for group in aws_cloudwatch_log_group.access : group.name])
}
