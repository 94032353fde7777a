# The project stands beside the root module, which only takes its id: see the README of modules/pinpoint-project.
module "project" {
  source   = "../../modules/pinpoint-project"
  for_each = toset(var.destination == "connect" ? [] : ["this"])

  name         = var.name
  tags         = var.tags
  sms          = {}
  email        = var.email
  event_stream = var.event_stream_arn == null ? null : { destination_arn = var.event_stream_arn }
  settings     = var.settings
}

locals {
  sends_by = coalesce(var.sends_by, var.destination == "connect" ? "connect" : "pinpoint")

  # Plans that lie beside this example, unless the caller has some. Connect sends nothing but stored templates.
  plans = local.sends_by == "connect" ? {
    feature_release = file("${path.module}/../plans/connect/feature_release.json")
  } : { for event in ["feature_release", "outage"] : event => file("${path.module}/../plans/${event}.json") }

  company_events = var.company_events == null ? null : merge(var.company_events, {
    plans           = coalesce(var.company_events.plans, local.plans)
    allowed_senders = coalesce(var.company_events.allowed_senders, ["news@example.com", "status@example.com", "EXAMPLE"])
    # A project has one event stream: the one that the caller names is read, unless it is one of Firehose. Connect has none.
    interactions = var.destination == "connect" || strcontains(coalesce(var.event_stream_arn, "none"), ":firehose:") ? null : merge(var.company_events.interactions, {
      existing_stream = var.event_stream_arn == null ? null : { arn = var.event_stream_arn }
    })
  })
}

module "engagement" {
  source = "../../"

  name             = var.name
  tags             = var.tags
  alarm_topic_arns = var.alarm_topic_arns

  destination = {
    pinpoint = one([for project in module.project : { application_id = project.application_id, put_events_rate = var.put_events_rate }])
    connect  = var.destination == "pinpoint" ? null : var.connect
    sends_by = local.sends_by
  }

  pixel = {
    stage_name             = var.stage_name
    throttle               = var.throttle
    cors                   = { origins = var.cors_origins }
    max_events_per_request = var.max_events_per_request
    access_logs            = var.access_logs
    trusted                = var.trusted

    events           = var.events
    event_attributes = var.event_attributes
    event_metrics    = var.event_metrics
    user_attributes = {
      anonymous     = var.anonymous_user_attributes
      authenticated = var.authenticated_user_attributes
    }
    token                  = var.token
    global_privacy_control = var.global_privacy_control

    # Events of the shop's own servers, which no call of the URL can send, trusted or not.
    reserved_events = ["order_refunded", "release_*"]

    gtm = var.gtm

    queue    = var.queue
    consumer = var.consumer
    function = var.function
    alarms   = var.alarms
  }

  company_events = local.company_events
}
