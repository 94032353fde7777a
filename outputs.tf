output "connect" {
  description = <<-EOT
    Amazon Connect; null when it is no destination.

    `domain_name`, `domain_arn`: the domain in Customer Profiles. `object_types`: names of `public` and `trusted`.
    `unmatched_queue_arn`, `unmatched_queue_url`: objects that fit no profile; null with a domain that exists.
    `triggers`: `event_trigger_name`, `campaign_arn` and whether it `runs`, by key. `function_name`: what starts their
    campaigns; null without triggers. `alarm_names`: every alarm.
  EOT
  value = one([for connect in module.connect_destination : {
    domain_name         = connect.domain_name
    domain_arn          = connect.domain_arn
    object_types        = connect.object_types
    unmatched_queue_arn = connect.unmatched_queue_arn
    unmatched_queue_url = connect.unmatched_queue_url
    triggers            = connect.triggers
    function_name       = connect.function_name
    alarm_names         = connect.alarm_names
  }])
}

output "pixel" {
  description = <<-EOT
    The pixel; null when it is not created.

    `url`: what a tag calls, ending in `/events`. `gtm_image_url`: the same for a Custom Image tag, with `{{Event}}` and
    `{{endpoint_id}}`. `gtm_container`: JSON text for GTM's import, as `gtm` says. `trusted_url`, `trusted_arn`: the
    trusted route, and what callers with SigV4 need `execute-api:Invoke` on; null without an authorizer. `domain_target`: `name` and `zone_id` for your own DNS; null
    without a domain. `api_id`, `stage_name`, `stage_arn`: the API. `queue_arn`, `queue_url`: the ingest queue.
    `rejects_queue_arn`, `rejects_queue_url`: refused events with their reason. `dlq_arn`, `dlq_url`: the dead-letter
    queue. `function_arn`, `function_name`, `role_arn`, `log_group_name`: the consumer. `gateway_role_arn`: the role
    with which the API writes to the queue. `access_log_group_name`: the API's access logs; null without them.
    `reserved`: globs that no call may use, of `events`, `endpoint_ids` and `user_attributes`.
    `dashboard_name`: the CloudWatch dashboard. `alarm_names`: every alarm.
  EOT
  value       = one([for pixel in module.pixel : pixel])
}

output "company_events" {
  description = <<-EOT
    Company events; null when they are not created.

    `bus_name`, `bus_arn`: where producers put events. `producer_policy_json`: the IAM policy that they need, here or in
    another account. `events_queue_arn`, `events_queue_url`, `events_dlq_arn`, `events_dlq_url`: events on their way to
    a run. `stamp_queue_arn`, `stamp_queue_url`, `stamp_dlq_arn`, `stamp_dlq_url`: endpoints on their way to a stamp.
    `plan_bucket_name`, `plan_bucket_arn`: plans, marketers' under `plans/`. `export_bucket_name`: exported audiences.
    `ledger_table_name`, `ledger_table_arn`: runs. `state_machine_arn`, `log_group_name`: what walks their steps.
    `schedule_groups`: names of the groups of schedules. `functions`: `arn`, `name`, `role_arn` and `log_group_name` of
    `announcer`, `step`, `stamp_hook`, `stamper`, `journey` and `plans`, with interactions also `recorder`, `filter` and
    `event_stream`. `interactions`: stream, table and dead-letter queue of what customers did. `reserved_events`,
    `reserved_user_attributes`: what no call of the pixel may use. `dashboard_name`: the CloudWatch dashboard.
    `alarm_names`: every alarm.
  EOT
  value       = one([for company_events in module.company_events : company_events])
}
