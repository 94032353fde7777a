# ---------------------------------------------------------------------------------------------------------------------
# Pixel: calls of a URL become events
# ---------------------------------------------------------------------------------------------------------------------

module "pixel" {
  source   = "./modules/pixel"
  for_each = local.pixel

  name                     = var.name
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  xray_tracing             = var.xray_tracing
  destination              = var.destination
  lambda_package           = var.lambda_package

  stage_name             = each.value.stage_name
  image                  = each.value.image
  throttle               = each.value.throttle
  cors                   = each.value.cors
  max_events_per_request = each.value.max_events_per_request
  access_logs            = each.value.access_logs
  trusted                = each.value.trusted
  domain                 = each.value.domain
  web_acl                = each.value.web_acl

  events                   = each.value.events
  event_attributes         = each.value.event_attributes
  event_metrics            = each.value.event_metrics
  user_attributes          = each.value.user_attributes
  reserved_events          = each.value.reserved_events
  reserved_endpoint_ids    = each.value.reserved_endpoint_ids
  reserved_user_attributes = each.value.reserved_user_attributes
  endpoint_id_pattern      = each.value.endpoint_id_pattern
  token                    = each.value.token
  global_privacy_control   = each.value.global_privacy_control

  gtm = each.value.gtm

  queue    = each.value.queue
  consumer = each.value.consumer
  function = each.value.function
  alarms   = each.value.alarms
}
