# Each rule of each input of modules/company-events. A run breaks one rule of every variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "malformed" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name                      = "Demo"                                                                                  # an upper-case letter
    kms_key_arn               = "arn:aws:kms:eu-west-1:123456789012:alias/demo"                                         # an alias
    permissions_boundary_arn  = "boundary"                                                                              # a name
    alarm_topic_arns          = ["alarms"]                                                                              # a name
    destination               = { pinpoint = { application_id = "*" } }                                                 # every project
    lambda_package            = { s3_bucket = "", function_key = "f", layer_key = "l" }                                 # no bucket
    bus                       = { existing = { name = "arn:aws:events:x" } }                                            # an ARN
    plans                     = { "1st" = "{\"event\":\"1st\"}" }                                                       # a digit first
    schedules                 = { "a b" = { plan = "a", expression = "rate(1 day)" } }                                  # a space
    custom_channels           = { "a b" = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:letters" } } # a space
    allowed_senders           = [" "]                                                                                   # blank
    reserved_user_attributes  = [""]                                                                                    # empty
    reserved_active_campaigns = 200                                                                                     # nothing left
    pinpoint_source_arn       = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/*"                                 # every project
    runs                      = { retention_days = 0 }                                                                  # forgotten at once
    rates                     = { segment_creates_per_second = 0 }                                                      # never
    journeys                  = { settle_seconds = 0 }                                                                  # does not wait
    queues                    = { max_receive_count = 0 }                                                               # never
    stamper                   = { batch_size = 0 }                                                                      # nothing
    function                  = { runtime = "python3.9" }                                                               # not tested
    alarms                    = { oldest_event_age_seconds = -1 }                                                       # below zero
  }

  expect_failures = [
    var.name, var.kms_key_arn, var.permissions_boundary_arn, var.alarm_topic_arns, var.destination, var.lambda_package, var.bus, var.plans,
    var.schedules, var.custom_channels, var.allowed_senders, var.reserved_user_attributes, var.reserved_active_campaigns,
    var.pinpoint_source_arn, var.runs, var.journeys, var.rates, var.queues, var.stamper, var.function, var.alarms,
  ]
}

# A lead that is at fault keeps Terraform from looking at the runs, so these stand apart.
run "waits_too_short_for_the_recorder" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    interactions = { max_wait_seconds = 5 }
  }

  expect_failures = [var.interactions]
}

run "lead_too_short_to_find_a_double" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    start_lead_seconds = 59
  }

  expect_failures = [var.start_lead_seconds]
}

run "lead_longer_than_an_hour" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    start_lead_seconds = 3601
  }

  expect_failures = [var.start_lead_seconds]
}

run "settling_no_shorter_than_the_lead" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    start_lead_seconds = 120
    runs               = { settle_seconds = 120 }
  }

  expect_failures = [var.runs]
}

run "malformed_otherwise" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name                      = "a-prefix-of-thirty-three-letters-x"                                                       # too long for roles
    destination               = {}                                                                                         # nobody sends
    bus                       = { existing = { name = "default" }, source_accounts = ["123456789012"] }                    # somebody else's policy
    plans                     = { outage = "{\"event\":\"other\"}" }                                                       # another event
    schedules                 = { daily = { plan = "a b", expression = "rate(1 day)" } }                                   # no event has this name
    custom_channels           = { letter = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:letters:1" } } # a version
    reserved_active_campaigns = 0.5                                                                                        # half a campaign
    pinpoint_source_arn       = "*"                                                                                        # every account
    runs                      = { maximum_audience = 0 }                                                                   # nobody
    rates                     = { campaign_creates_per_second = 0 }                                                        # never
    journeys                  = { call_timeout_seconds = 19 }                                                              # not awaited
    queues                    = { retention_seconds = 1209601 }                                                            # more than SQS keeps
    stamper                   = { batching_window_seconds = 301 }                                                          # more than Lambda waits
    function                  = { architecture = "arm" }                                                                   # no such
  }

  expect_failures = [
    var.name, var.destination, var.bus, var.plans, var.schedules, var.custom_channels, var.reserved_active_campaigns,
    var.pinpoint_source_arn, var.runs, var.journeys, var.rates, var.queues, var.stamper, var.function,
  ]
}

run "malformed_in_a_third_way" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = {}                                                        # none
    bus         = { source_accounts = ["12345"] }                           # not 12 digits
    plans       = { outage = "not JSON" }                                   # not JSON
    schedules   = { daily = { plan = "digest", expression = "every day" } } # not Scheduler's
    runs        = { settle_seconds = 0 }                                    # does not wait
    rates       = { endpoint_batches_per_second = 0 }                       # never
    journeys    = { live_after_seconds = 0 }                                # before Pinpoint lets anybody in
    stamper     = { batch_size = 11, batching_window_seconds = 0 }          # Lambda wants a window
    function    = { timeout_seconds = { step = 451 } }                      # longer than the machine tries
  }

  expect_failures = [var.destination, var.bus, var.plans, var.schedules, var.runs, var.journeys, var.rates, var.stamper, var.function]
}

run "malformed_in_a_fourth_way" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    bus       = { source_organization_ids = ["ou-a1b2-c3d4e5f6"] }                              # a unit
    plans     = { outage = "[]" }                                                               # no object
    schedules = { daily = { plan = "digest", expression = "rate(1 day)", timezone = "GMT 1" } } # a space
    runs      = { overdue_seconds = 59 }                                                        # overdue at once
    journeys  = { activities = 0 }                                                              # no step
    stamper   = { maximum_concurrency = 1 }                                                     # Lambda wants two
    function  = { timeout_seconds = { plans = 9 } }                                             # too short
  }

  expect_failures = [var.bus, var.plans, var.schedules, var.runs, var.journeys, var.stamper, var.function]
}

run "malformed_in_a_fifth_way" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    bus      = { sources = ["aws.s3"] }       # only AWS sends it
    journeys = { shortest_wait_seconds = -1 } # before it began
    function = { memory_mb = 127 }            # less than Lambda has
  }

  expect_failures = [var.bus, var.journeys, var.function]
}

run "journeys_at_the_ends_of_their_ranges" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    journeys = { settle_seconds = 900, call_timeout_seconds = 86400, live_after_seconds = 3600, activities = 1000, shortest_wait_seconds = 0 }
  }

  assert {
    condition     = local.environments.step.JOURNEY_CALL_TIMEOUT_SECONDS == "86400" && jsondecode(local.plan_settings).journey_activities == 1000
    error_message = "The longest and largest must be taken."
  }
}

run "journeys_with_half_a_second" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    journeys = { settle_seconds = 1.5 }
  }

  expect_failures = [var.journeys]
}

run "log_level" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    function = { log_level = "TRACE" }
  }

  expect_failures = [var.function]
}

run "log_retention" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    function = { log_retention_days = 31 }
  }

  expect_failures = [var.function]
}

run "settings_too_long_for_the_environment" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    allowed_senders = [for number in range(150) : "sender-${number}@mail.example.com"]
  }

  expect_failures = [aws_lambda_layer_version.dependencies]
}
