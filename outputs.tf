output "pixel" {
  description = <<-EOT
    The pixel; null when it is not created.

    `url`: what a tag calls, ending in `/events`. `gtm_image_url`: the same for a Custom Image tag, with `{{Event}}` and
    `{{endpoint_id}}`. `gtm_container`: JSON text for GTM's import, as `gtm` says. `trusted_url`, `trusted_arn`: the trusted route, and what callers with SigV4 need
    `execute-api:Invoke` on; null without an authorizer. `domain_target`: `name` and `zone_id` for your own DNS; null
    without a domain. `api_id`, `stage_name`, `stage_arn`: the API. `queue_arn`, `queue_url`: the ingest queue.
    `rejects_queue_arn`, `rejects_queue_url`: refused events with their reason. `dlq_arn`, `dlq_url`: the dead-letter
    queue. `function_arn`, `function_name`, `role_arn`, `log_group_name`: the consumer. `gateway_role_arn`: the role
    with which the API writes to the queue. `access_log_group_name`: the API's access logs; null without them.
    `dashboard_name`: the CloudWatch dashboard. `alarm_names`: every alarm.
  EOT
  value       = one([for pixel in module.pixel : pixel])
}
