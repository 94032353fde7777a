# ---------------------------------------------------------------------------------------------------------------------
# Amazon Connect: domain, object types and event-triggered sends
# ---------------------------------------------------------------------------------------------------------------------

module "connect_destination" {
  source   = "./modules/connect-destination"
  for_each = local.connect

  name                     = var.name
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  xray_tracing             = var.xray_tracing
  lambda_package           = var.lambda_package

  existing_domain_name    = each.value.existing_domain_name
  domain_expiration_days  = each.value.domain_expiration_days
  profile_attributes      = each.value.profile_attributes
  object_expiration_days  = each.value.object_expiration_days
  max_objects_per_profile = each.value.max_objects_per_profile
  create_profiles         = each.value.create_profiles
  unmatched_objects       = each.value.unmatched_objects

  instance_id       = each.value.instance_id
  campaign_flow_arn = each.value.campaign_flow_arn
  senders           = each.value.senders
  templates         = each.value.templates
  triggers          = each.value.triggers
  run_triggers      = local.sends_by == "connect"
  function          = each.value.function
}

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
  destination              = local.destination
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
  reserved_events          = concat(each.value.reserved_events, local.reserved_by_plans.events)
  reserved_endpoint_ids    = each.value.reserved_endpoint_ids
  reserved_user_attributes = concat(each.value.reserved_user_attributes, local.reserved_by_plans.user_attributes)
  endpoint_id_pattern      = each.value.endpoint_id_pattern
  token                    = each.value.token
  global_privacy_control   = each.value.global_privacy_control

  gtm = each.value.gtm

  queue    = each.value.queue
  consumer = each.value.consumer
  function = each.value.function
  alarms   = each.value.alarms
}

# ---------------------------------------------------------------------------------------------------------------------
# Company events: one event of a backend reaches whole segments
# ---------------------------------------------------------------------------------------------------------------------

module "company_events" {
  source   = "./modules/company-events"
  for_each = local.company_events

  name                     = var.name
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  xray_tracing             = var.xray_tracing
  destination              = local.destination
  lambda_package           = var.lambda_package

  bus = each.value.bus

  plans                     = each.value.plans
  schedules                 = each.value.schedules
  custom_channels           = each.value.custom_channels
  allowed_senders           = each.value.allowed_senders
  reserved_user_attributes  = each.value.reserved_user_attributes
  reserved_active_campaigns = each.value.reserved_active_campaigns
  start_lead_seconds        = each.value.start_lead_seconds
  pinpoint_source_arn       = each.value.pinpoint_source_arn

  runs         = each.value.runs
  journeys     = each.value.journeys
  rates        = each.value.rates
  interactions = each.value.interactions

  queues        = each.value.queues
  stamper       = each.value.stamper
  function      = each.value.function
  force_destroy = each.value.force_destroy
  alarms        = each.value.alarms
}
