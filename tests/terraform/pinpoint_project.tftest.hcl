# modules/pinpoint-project: what is made from which input.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "demo"
}

run "project_alone" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  assert {
    condition     = length(aws_cloudformation_stack.this) == 0 && length(aws_pinpoint_sms_channel.this) == 0
    error_message = "Without channels, stream and settings only the project may be made."
  }

  assert {
    condition     = length(aws_pinpoint_app.this.limits) == 0 && length(aws_pinpoint_app.this.quiet_time) == 0 && length(aws_pinpoint_app.this.campaign_hook) == 0
    error_message = "The provider's settings blocks call an API that has ended."
  }

  assert {
    condition     = output.application_id == "00112233445566778899aabbccddeeff"
    error_message = "The project's id must be in the output."
  }
}

run "channels_and_settings" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    sms      = { sender_id = "SHOP" }
    email    = { from_address = "Shop <news@example.com>", identity_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com" }
    settings = { limits = { daily = 3 }, quiet_time = { start = "22:00", end = "07:00" } }
  }

  assert {
    condition     = aws_pinpoint_sms_channel.this["sms"].sender_id == "SHOP" && aws_pinpoint_sms_channel.this["sms"].application_id == "00112233445566778899aabbccddeeff"
    error_message = "The SMS channel must belong to the project."
  }

  assert {
    condition = jsondecode(aws_cloudformation_stack.this["this"].template_body).Resources == {
      EmailChannel = {
        Type       = "AWS::Pinpoint::EmailChannel"
        Properties = { ApplicationId = "00112233445566778899aabbccddeeff", FromAddress = "Shop <news@example.com>", Identity = "arn:aws:ses:eu-west-1:123456789012:identity/example.com" }
      }
      ApplicationSettings = {
        Type       = "AWS::Pinpoint::ApplicationSettings"
        Properties = { ApplicationId = "00112233445566778899aabbccddeeff", Limits = { Daily = 3 }, QuietTime = { Start = "22:00", End = "07:00" } }
      }
    }
    error_message = "One stack must hold what the provider may drop: what the caller set, and no null."
  }
}

# The template is only known after apply here: the role's trust names the new project.
run "event_stream" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    event_stream = { destination_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/engagement" }
  }

  assert {
    condition     = length(aws_cloudformation_stack.this) == 1 && { for name, resource in local.resources : name => resource.Type } == { EventStreamRole = "AWS::IAM::Role", EventStream = "AWS::Pinpoint::EventStream" }
    error_message = "The stack must hold the stream and its role."
  }

  assert {
    condition     = local.resources.EventStream.Properties == { ApplicationId = "00112233445566778899aabbccddeeff", DestinationStreamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/engagement", RoleArn = { "Fn::GetAtt" = ["EventStreamRole", "Arn"] } }
    error_message = "The stream must use the role of the same stack, so that CloudFormation waits for it."
  }
}
