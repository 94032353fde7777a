# The root: what it makes from the smallest call, and that null makes nothing.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "nothing_without_components" {
  command = plan

  assert {
    condition     = output.pixel == null && output.company_events == null
    error_message = "What is not asked for must be null."
  }

  assert {
    condition     = length(module.pixel) == 0 && length(module.company_events) == 0
    error_message = "No module may be planned when it is not asked for."
  }
}

run "pixel_with_defaults" {
  command = plan

  variables {
    pixel = {}
  }

  assert {
    condition     = output.pixel.url == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/mock/events"
    error_message = "pixel.url must be the stage's URL with /events."
  }

  assert {
    condition     = output.pixel.gtm_image_url == "${output.pixel.url}?event={{Event}}&endpoint_id={{endpoint_id}}"
    error_message = "pixel.gtm_image_url must hold GTM's variables as they are written in GTM."
  }

  assert {
    condition     = output.pixel.stage_name == "v1"
    error_message = "The root's default stage must be v1."
  }

  assert {
    condition     = output.pixel.function_name == "demo-pixel-consumer" && output.pixel.log_group_name == "/aws/lambda/demo-pixel-consumer"
    error_message = "Function and log group must carry the caller's prefix."
  }

  assert {
    condition     = output.pixel.access_log_group_name == null
    error_message = "Access logs must be off by default."
  }
}

run "pixel_settings_reach_the_module" {
  command = plan

  variables {
    pixel = {
      stage_name  = "Api-PinpointEvents"
      access_logs = { enabled = true }
    }
  }

  assert {
    condition     = output.pixel.stage_name == "Api-PinpointEvents"
    error_message = "The stage's name must be the caller's."
  }

  assert {
    condition     = output.pixel.access_log_group_name == "/aws/apigateway/demo-pixel"
    error_message = "The access logs' group must be in the output."
  }
}

# The root repeats the module's defaults, so that its input shows them. They must not drift apart.

run "defaults_of_the_root" {
  command = plan

  variables {
    pixel          = {}
    company_events = {}
  }

  assert {
    condition     = jsonencode(var.company_events) == "{\"alarms\":{\"oldest_event_age_seconds\":900},\"allowed_senders\":[],\"bus\":{\"existing\":null,\"source_accounts\":[],\"source_organization_ids\":[],\"sources\":[]},\"custom_channels\":{},\"force_destroy\":false,\"function\":{\"architecture\":\"arm64\",\"log_level\":\"INFO\",\"log_retention_days\":30,\"memory_mb\":512,\"runtime\":\"python3.13\",\"timeout_seconds\":{\"announcer\":60,\"plans\":60,\"stamper\":120,\"step\":300}},\"interactions\":null,\"journeys\":{\"activities\":40,\"call_timeout_seconds\":600,\"live_after_seconds\":360,\"settle_seconds\":60,\"shortest_wait_seconds\":3600},\"pinpoint_source_arn\":null,\"plans\":{},\"queues\":{\"max_receive_count\":20,\"retention_seconds\":604800},\"rates\":{\"campaign_creates_per_second\":20,\"endpoint_batches_per_second\":1.5,\"segment_creates_per_second\":20},\"reserved_active_campaigns\":0,\"reserved_user_attributes\":[],\"runs\":{\"maximum_audience\":null,\"overdue_seconds\":3600,\"require_event_id\":true,\"retention_days\":400,\"settle_seconds\":60},\"schedules\":{},\"stamper\":{\"batch_size\":100,\"batching_window_seconds\":1,\"maximum_concurrency\":2},\"start_lead_seconds\":180}"
    error_message = "The root's defaults for company events must be these."
  }

  assert {
    condition     = jsonencode(var.pixel) == "{\"access_logs\":{\"create_account_role\":false,\"enabled\":false,\"retention_days\":30},\"alarms\":{\"api_errors_per_5_minutes\":5,\"bad_tokens_per_5_minutes\":50,\"oldest_message_age_seconds\":900,\"refusals_per_5_minutes\":100,\"rejects_per_5_minutes\":10,\"retries_per_5_minutes\":0,\"throttles_per_5_minutes\":50},\"consumer\":{\"batch_size\":1000,\"batching_window_seconds\":5,\"maximum_concurrency\":2},\"cors\":{\"origins\":[]},\"domain\":null,\"endpoint_id_pattern\":\"\",\"event_attributes\":[\"*\"],\"event_metrics\":[\"*\"],\"events\":[\"*\"],\"function\":{\"architecture\":\"arm64\",\"log_level\":\"INFO\",\"log_retention_days\":30,\"memory_mb\":512,\"runtime\":\"python3.13\",\"timeout_seconds\":120},\"global_privacy_control\":\"no_updates\",\"gtm\":{\"consent_types\":[],\"event_attributes\":null,\"event_metrics\":null,\"events\":null,\"name_prefix\":\"Engagement - \",\"template\":null,\"user_attributes\":null},\"image\":\"svg\",\"max_events_per_request\":100,\"queue\":{\"max_receive_count\":20,\"retention_seconds\":604800,\"return_delay_seconds\":30,\"visibility_timeout_seconds\":null},\"reserved_endpoint_ids\":[],\"reserved_events\":[],\"reserved_user_attributes\":[],\"stage_name\":\"v1\",\"throttle\":{\"burst\":1000,\"post\":null,\"rate_per_second\":1000,\"trusted\":null},\"token\":null,\"trusted\":null,\"user_attributes\":{\"anonymous\":[],\"authenticated\":[]},\"web_acl\":null}"
    error_message = "The root's defaults for the pixel must be these."
  }
}

run "defaults_of_the_module" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition = jsonencode({
      access_logs              = var.access_logs
      alarms                   = var.alarms
      consumer                 = var.consumer
      cors                     = var.cors
      domain                   = var.domain
      endpoint_id_pattern      = var.endpoint_id_pattern
      event_attributes         = var.event_attributes
      event_metrics            = var.event_metrics
      events                   = var.events
      function                 = var.function
      global_privacy_control   = var.global_privacy_control
      gtm                      = var.gtm
      image                    = var.image
      max_events_per_request   = var.max_events_per_request
      queue                    = var.queue
      reserved_endpoint_ids    = var.reserved_endpoint_ids
      reserved_events          = var.reserved_events
      reserved_user_attributes = var.reserved_user_attributes
      stage_name               = var.stage_name
      throttle                 = var.throttle
      token                    = var.token
      trusted                  = var.trusted
      user_attributes          = var.user_attributes
      web_acl                  = var.web_acl
    }) == "{\"access_logs\":{\"create_account_role\":false,\"enabled\":false,\"retention_days\":30},\"alarms\":{\"api_errors_per_5_minutes\":5,\"bad_tokens_per_5_minutes\":50,\"oldest_message_age_seconds\":900,\"refusals_per_5_minutes\":100,\"rejects_per_5_minutes\":10,\"retries_per_5_minutes\":0,\"throttles_per_5_minutes\":50},\"consumer\":{\"batch_size\":1000,\"batching_window_seconds\":5,\"maximum_concurrency\":2},\"cors\":{\"origins\":[]},\"domain\":null,\"endpoint_id_pattern\":\"\",\"event_attributes\":[\"*\"],\"event_metrics\":[\"*\"],\"events\":[\"*\"],\"function\":{\"architecture\":\"arm64\",\"log_level\":\"INFO\",\"log_retention_days\":30,\"memory_mb\":512,\"runtime\":\"python3.13\",\"timeout_seconds\":120},\"global_privacy_control\":\"no_updates\",\"gtm\":{\"consent_types\":[],\"event_attributes\":null,\"event_metrics\":null,\"events\":null,\"name_prefix\":\"Engagement - \",\"template\":null,\"user_attributes\":null},\"image\":\"svg\",\"max_events_per_request\":100,\"queue\":{\"max_receive_count\":20,\"retention_seconds\":604800,\"return_delay_seconds\":30,\"visibility_timeout_seconds\":null},\"reserved_endpoint_ids\":[],\"reserved_events\":[],\"reserved_user_attributes\":[],\"stage_name\":\"v1\",\"throttle\":{\"burst\":1000,\"post\":null,\"rate_per_second\":1000,\"trusted\":null},\"token\":null,\"trusted\":null,\"user_attributes\":{\"anonymous\":[],\"authenticated\":[]},\"web_acl\":null}"
    error_message = "The module's defaults must be the root's."
  }
}

run "defaults_of_company_events" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  assert {
    condition = jsonencode({
      alarms                    = var.alarms
      allowed_senders           = var.allowed_senders
      bus                       = var.bus
      custom_channels           = var.custom_channels
      force_destroy             = var.force_destroy
      function                  = var.function
      interactions              = var.interactions
      journeys                  = var.journeys
      pinpoint_source_arn       = var.pinpoint_source_arn
      plans                     = var.plans
      queues                    = var.queues
      rates                     = var.rates
      reserved_active_campaigns = var.reserved_active_campaigns
      reserved_user_attributes  = var.reserved_user_attributes
      runs                      = var.runs
      schedules                 = var.schedules
      stamper                   = var.stamper
      start_lead_seconds        = var.start_lead_seconds
    }) == "{\"alarms\":{\"oldest_event_age_seconds\":900},\"allowed_senders\":[],\"bus\":{\"existing\":null,\"source_accounts\":[],\"source_organization_ids\":[],\"sources\":[]},\"custom_channels\":{},\"force_destroy\":false,\"function\":{\"architecture\":\"arm64\",\"log_level\":\"INFO\",\"log_retention_days\":30,\"memory_mb\":512,\"runtime\":\"python3.13\",\"timeout_seconds\":{\"announcer\":60,\"plans\":60,\"stamper\":120,\"step\":300}},\"interactions\":null,\"journeys\":{\"activities\":40,\"call_timeout_seconds\":600,\"live_after_seconds\":360,\"settle_seconds\":60,\"shortest_wait_seconds\":3600},\"pinpoint_source_arn\":null,\"plans\":{},\"queues\":{\"max_receive_count\":20,\"retention_seconds\":604800},\"rates\":{\"campaign_creates_per_second\":20,\"endpoint_batches_per_second\":1.5,\"segment_creates_per_second\":20},\"reserved_active_campaigns\":0,\"reserved_user_attributes\":[],\"runs\":{\"maximum_audience\":null,\"overdue_seconds\":3600,\"require_event_id\":true,\"retention_days\":400,\"settle_seconds\":60},\"schedules\":{},\"stamper\":{\"batch_size\":100,\"batching_window_seconds\":1,\"maximum_concurrency\":2},\"start_lead_seconds\":180}"
    error_message = "The module's defaults must be the root's."
  }
}

run "nothing_said_is_the_default" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    stage_name = null
    queue      = { max_receive_count = null }
    function   = null
  }

  assert {
    condition     = var.stage_name == "v1" && var.queue.max_receive_count == 20 && var.function.timeout_seconds == 120
    error_message = "null must mean the default, so that a caller can pass its own optional inputs on."
  }
}
