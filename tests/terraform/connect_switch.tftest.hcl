# From one destination to the other: applied, one after the other. What is made again gets another id of the mock.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name     = "demo"
  pixel    = {}
  pinpoint = { application_id = "00112233445566778899aabbccddeeff" }

  company_events = { plans = { outage = "{\"event\":\"outage\",\"audiences\":{},\"steps\":[]}" } }
  connect = {
    profile_attributes = ["plan"]
    instance_id        = "11111111-2222-3333-4444-555555555555"
    campaign_flow_arn  = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
    senders            = { email = "news@example.com" }
    templates          = { release = { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000" } }
  }
}

run "applied_with_pinpoint" {
  variables {
    destination = { pinpoint = var.pinpoint }
  }

  assert {
    condition     = output.connect == null && output.pixel.function_name == "demo-pixel-consumer"
    error_message = "Without Connect nothing of it may be there."
  }
}

run "adding_connect" {
  variables {
    destination = { pinpoint = var.pinpoint, connect = var.connect, sends_by = "pinpoint" }
  }

  assert {
    condition     = { for name in keys(output.pixel) : name => output.pixel[name] if !contains(["alarm_names"], name) } == { for name in keys(run.applied_with_pinpoint.pixel) : name => run.applied_with_pinpoint.pixel[name] if !contains(["alarm_names"], name) }
    error_message = "A second destination may replace nothing of the pixel."
  }

  assert {
    condition     = output.company_events == run.applied_with_pinpoint.company_events
    error_message = "A second destination may replace nothing of company events."
  }

  assert {
    condition     = output.connect.domain_arn == "arn:aws:profile:eu-west-1:123456789012:domains/demo" && output.connect.object_types == { public = "demo-public-events", trusted = "demo-trusted-events" } && output.connect.function_name == null && output.connect.triggers == {}
    error_message = "The domain and its object types must be there."
  }
}

run "sending_by_connect" {
  variables {
    destination = { pinpoint = var.pinpoint, connect = var.connect, sends_by = "connect" }
  }

  assert {
    condition     = output.pixel == run.adding_connect.pixel && output.company_events == run.adding_connect.company_events && output.connect == run.adding_connect.connect
    error_message = "Another sender may replace nothing."
  }
}

run "without_pinpoint" {
  variables {
    destination = { connect = var.connect }
  }

  assert {
    condition     = { for name in ["api_id", "stage_name", "url", "queue_arn", "queue_url", "rejects_queue_url", "dlq_url", "function_arn", "role_arn"] : name => output.pixel[name] } == { for name in ["api_id", "stage_name", "url", "queue_arn", "queue_url", "rejects_queue_url", "dlq_url", "function_arn", "role_arn"] : name => run.applied_with_pinpoint.pixel[name] }
    error_message = "API, queues and function of the pixel must outlive Pinpoint."
  }

  assert {
    condition     = { for name in ["bus_arn", "events_queue_url", "stamp_queue_url", "plan_bucket_name", "export_bucket_name", "ledger_table_arn", "state_machine_arn"] : name => output.company_events[name] } == { for name in ["bus_arn", "events_queue_url", "stamp_queue_url", "plan_bucket_name", "export_bucket_name", "ledger_table_arn", "state_machine_arn"] : name => run.applied_with_pinpoint.company_events[name] }
    error_message = "Bus, queues, buckets, ledger and machine must outlive Pinpoint."
  }
}
