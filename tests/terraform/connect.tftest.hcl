# modules/connect-destination: what is made from which input.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "demo"
}

run "domain_of_its_own" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    profile_attributes = ["plan", "last_feature"]
  }

  assert {
    condition     = aws_customerprofiles_domain.this["this"].domain_name == "demo" && aws_customerprofiles_domain.this["this"].default_expiration_days == 1098 && aws_customerprofiles_domain.this["this"].dead_letter_queue_url == aws_sqs_queue.unmatched["this"].url
    error_message = "A domain of the module's name must be made, which forgets as late as AWS lets it and keeps what fits no profile."
  }

  assert {
    condition     = output.domain_arn == "arn:aws:profile:eu-west-1:123456789012:domains/demo" && output.object_types == { public = "demo-public-events", trusted = "demo-trusted-events" }
    error_message = "The names must be the contract's."
  }

  assert {
    condition = { for name, resource in jsondecode(aws_cloudformation_stack.object_types.template_body).Resources : name => merge(resource.Properties, {
      Description                                = null
      Fields                                     = { for field in resource.Properties.Fields : field.Name => field.ObjectTypeField }
      Keys                                       = { for key in resource.Properties.Keys : key.Name => one(key.ObjectTypeKeyList) }
      }) } == { for name, type in { PublicEvents = "demo-public-events", TrustedEvents = "demo-trusted-events" } : name => {
      DomainName                                 = "demo"
      ObjectTypeName                             = type
      Description                                = null
      AllowProfileCreation                       = false
      ExpirationDays                             = 30
      MaxProfileObjectCount                      = 100
      Fields = {
        customerId        = { Source = "_source.customerId", ContentType = "STRING" }
        eventId           = { Source = "_source.eventId", ContentType = "STRING" }
        eventType         = { Source = "_source.eventType", ContentType = "STRING" }
        user_plan         = { Source = "_source.userAttributes.plan", Target = "_profile.Attributes.plan", ContentType = "STRING" }
        user_last_feature = { Source = "_source.userAttributes.last_feature", Target = "_profile.Attributes.last_feature", ContentType = "STRING" }
      }
      Keys = {
        "_account"   = { StandardIdentifiers = ["PROFILE", "LOOKUP_ONLY"], FieldNames = ["customerId"] }
        "${type}-id" = { StandardIdentifiers = ["UNIQUE"], FieldNames = ["customerId", "eventId"] }
      }
    } }
    error_message = "Both object types must find a profile by the customer's id, make none, and map declared attributes only."
  }

  assert {
    condition     = [for key in jsondecode(aws_cloudformation_stack.object_types.template_body).Resources.TrustedEvents.DependsOn : key] == ["PublicEvents"]
    error_message = "Customer Profiles takes one change of an object type per second."
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.unmatched.statement : "${coalesce(statement.effect, "Allow")} ${join(",", statement.actions)} ${one(statement.resources)} ${one(flatten([for principals in statement.principals : tolist(principals.identifiers)]))} ${join(" ", sort([for condition in statement.condition : "${condition.variable}=${one(condition.values)}"]))}"] == [
      "Allow sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-connect-unmatched profile.amazonaws.com aws:SourceAccount=123456789012 aws:SourceArn=arn:aws:profile:eu-west-1:123456789012:domains/demo",
      "Deny sqs:* arn:aws:sqs:eu-west-1:123456789012:demo-connect-unmatched * aws:SecureTransport=false",
    ]
    error_message = "Only Customer Profiles may write to the queue, for this domain alone, and nobody without TLS."
  }

  assert {
    condition     = length(module.function) == 0 && length(aws_lambda_invocation.start) == 0 && length(aws_lambda_invocation.stop) == 0 && output.alarm_names == tolist(["demo-connect-unmatched"]) && output.triggers == {}
    error_message = "Without triggers there is nothing to start."
  }
}

run "domain_that_exists" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    existing_domain_name = "amazon-connect-shop"
    create_profiles      = true
    kms_key_arn          = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = length(aws_customerprofiles_domain.this) == 0 && length(aws_sqs_queue.unmatched) == 0 && output.unmatched_queue_url == null && output.destination.domain_arn == "arn:aws:profile:eu-west-1:123456789012:domains/amazon-connect-shop"
    error_message = "A domain that exists belongs to somebody else."
  }

  assert {
    condition = { for name, resource in jsondecode(aws_cloudformation_stack.object_types.template_body).Resources : name => [
      resource.Properties.AllowProfileCreation,
      [for field in resource.Properties.Fields : lookup(field.ObjectTypeField, "Target", "") if field.Name == "customerId"],
      resource.Properties.Keys[0].ObjectTypeKeyList[0].StandardIdentifiers,
      resource.Properties.EncryptionKey,
      ] } == {
      PublicEvents  = [false, [""], ["PROFILE", "LOOKUP_ONLY"], var.kms_key_arn]
      TrustedEvents = [true, ["_profile.AccountNumber"], ["PROFILE"], var.kms_key_arn]
    }
    error_message = "Only the trusted type may make profiles, which must be found by their account number later."
  }
}

run "triggers" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    instance_id       = "11111111-2222-3333-4444-555555555555"
    campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
    senders           = { email = "news@example.com", sms = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-1" }
    templates         = { cart = { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000:2" } }
    triggers = {
      cart = {
        event                    = "cart_abandoned"
        attributes               = { currency = ["EUR", "CHF"] }
        template                 = "cart"
        channel                  = "EMAIL"
        start_time               = "2027-01-01T00:00:00Z"
        end_time                 = "2028-01-01T00:00:00Z"
        segment_definition_name  = "customers"
        event_expiration_minutes = 5
      }
      welcome = {
        event           = "sign_up"
        route           = "public"
        template_arn    = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/00000000-7777-8888-9999-000000000000"
        channel         = "SMS"
        start_time      = "2027-01-01T00:00:00Z"
        end_time        = "2028-01-01T00:00:00Z"
        max_per_profile = { count = 3, hours = 48 }
      }
    }
  }

  assert {
    condition = jsondecode(aws_cloudformation_stack.trigger["cart"].template_body).Resources == {
      Campaign = {
        Type = "AWS::ConnectCampaignsV2::Campaign"
        Properties = {
          Name                   = local.triggers.cart.name
          ConnectInstanceId      = var.instance_id
          Type                   = "MANAGED"
          Source                 = { EventTrigger = { CustomerProfilesDomainArn = "arn:aws:profile:eu-west-1:123456789012:domains/demo" } }
          ConnectCampaignFlowArn = var.campaign_flow_arn
          Schedule               = { StartTime = "2027-01-01T00:00:00Z", EndTime = "2028-01-01T00:00:00Z" }
          EntryLimitsConfig      = { MaxEntryCount = 0, MinEntryInterval = "PT24H" }
          ChannelSubtypeConfig = { Email = {
            OutboundMode          = { AgentlessConfig = {} }
            DefaultOutboundConfig = { ConnectSourceEmailAddress = "news@example.com", WisdomTemplateArn = var.templates.cart.arn }
          } }
          Tags = [
            { Key = "engagement:environment", Value = "demo-connect" },
            { Key = "owner", Value = "arn:aws:connect:eu-west-1:123456789012:instance/${var.instance_id}" },
          ]
        }
      }
      EventTrigger = {
        Type = "AWS::CustomerProfiles::EventTrigger"
        Properties = {
          DomainName       = "demo"
          EventTriggerName = local.triggers.cart.name
          ObjectTypeName   = "demo-trusted-events"
          Description      = "Starts the campaign ${local.triggers.cart.name} at cart_abandoned."
          EventTriggerConditions = [{
            LogicalOperator = "ALL"
            EventTriggerDimensions = [{ ObjectAttributes = [
              { FieldName = "eventType", ComparisonOperator = "INCLUSIVE", Values = ["cart_abandoned"] },
              { FieldName = "event_currency", ComparisonOperator = "INCLUSIVE", Values = ["EUR", "CHF"] },
            ] }]
          }]
          EventTriggerLimits = { EventExpiration = 300000, Periods = [{ Unit = "HOURS", Value = 24, MaxInvocationsPerProfile = 1 }] }
          SegmentFilter      = "customers"
        }
      }
      Integration = {
        Type       = "AWS::CustomerProfiles::Integration"
        DependsOn  = ["Campaign", "EventTrigger"]
        Properties = { DomainName = "demo", Uri = { "Fn::GetAtt" = ["Campaign", "Arn"] }, EventTriggerNames = [local.triggers.cart.name] }
      }
    }
    error_message = "A trigger must look at the trusted type for its event and attributes and hand profiles to its own campaign, within its limits."
  }

  assert {
    condition     = [for field in jsondecode(aws_cloudformation_stack.object_types.template_body).Resources.TrustedEvents.Properties.Fields : field.ObjectTypeField.Source if field.Name == "event_currency"] == ["_source.attributes.currency"]
    error_message = "What a condition names must be a field."
  }

  assert {
    condition = [for resource in [jsondecode(aws_cloudformation_stack.trigger["welcome"].template_body).Resources] : [
      resource.Campaign.Properties.ChannelSubtypeConfig,
      resource.Campaign.Properties.EntryLimitsConfig.MinEntryInterval,
      resource.EventTrigger.Properties.ObjectTypeName,
      resource.EventTrigger.Properties.EventTriggerLimits.Periods,
      contains(keys(resource.EventTrigger.Properties), "SegmentFilter"),
      ]] == [[
      { Sms = {
        OutboundMode          = { AgentlessConfig = {} }
        DefaultOutboundConfig = { ConnectSourcePhoneNumberArn = var.senders.sms, WisdomTemplateArn = var.triggers.welcome.template_arn }
      } },
      "PT0S",
      "demo-public-events",
      [{ Unit = "DAYS", Value = 2, MaxInvocationsPerProfile = 3 }],
      false,
    ]]
    error_message = "Channel, route and limits must be those of the trigger, and what is not said must be absent."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.start["this"].input) == { run = true, left = {}, campaigns = { for key in ["cart", "welcome"] : key => "0a1b2c3d-0000-1111-2222-333344445555" } } && aws_lambda_invocation.start["this"].lifecycle_scope == "CREATE_ONLY"
    error_message = "The campaigns must be started, since CloudFormation starts none, and a call that failed must be made again."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.stop["this"].input) == { campaigns = { for key in ["cart", "welcome"] : key => "0a1b2c3d-0000-1111-2222-333344445555" } } && aws_lambda_invocation.stop["this"].lifecycle_scope == "CRUD"
    error_message = "The campaigns must be stopped before they are deleted, whether they run or wait."
  }

  assert {
    condition     = alltrue([for key in ["cart", "welcome"] : can(regex("^demo-${key}-[0-9a-f]{6}$", local.triggers[key].name)) && aws_cloudformation_stack.trigger[key].name == replace(local.triggers[key].name, "demo-", "demo-connect-trigger-")])
    error_message = "Stack, trigger and campaign must have names that change with the campaign."
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.function.statement : "${join(" ", sort(statement.actions))} ${one(statement.resources)} ${join(" ", [for condition in statement.condition : "${condition.variable}=${one(condition.values)}"])}"] == [
      "connect-campaigns:PauseCampaign connect-campaigns:ResumeCampaign connect-campaigns:StartCampaign connect-campaigns:StopCampaign arn:aws:connect-campaigns:eu-west-1:123456789012:campaign/* aws:ResourceTag/engagement:environment=demo-connect",
      "connect-campaigns:GetCampaignState arn:aws:connect-campaigns:eu-west-1:123456789012:campaign/* ",
    ]
    error_message = "The function may start, pause, resume and stop the campaigns of these triggers, and no other."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What makes another campaign, and what does not
# ---------------------------------------------------------------------------------------------------------------------

run "event_of_another_name" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    instance_id       = run.triggers.destination.instance_id
    campaign_flow_arn = run.triggers.destination.campaign_flow_arn
    senders           = run.triggers.destination.senders
    triggers = { cart = {
      event                   = "cart_left"
      attributes              = { currency = ["CHF"] }
      template_arn            = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000:2"
      channel                 = "EMAIL"
      start_time              = "2027-01-01T00:00:00Z"
      end_time                = "2028-01-01T00:00:00Z"
      segment_definition_name = "others"
    } }
  }

  assert {
    condition     = output.triggers.cart.event_trigger_name == run.triggers.triggers.cart.event_trigger_name
    error_message = "What concerns the event alone can be changed in place and must not replace the campaign."
  }
}

run "template_of_another_version" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    instance_id       = run.triggers.destination.instance_id
    campaign_flow_arn = run.triggers.destination.campaign_flow_arn
    senders           = run.triggers.destination.senders
    triggers = { cart = {
      event        = "cart_abandoned"
      template_arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000:3"
      channel      = "EMAIL"
      start_time   = "2027-01-01T00:00:00Z"
      end_time     = "2028-01-01T00:00:00Z"
    } }
  }

  assert {
    condition     = output.triggers.cart.event_trigger_name != run.triggers.triggers.cart.event_trigger_name
    error_message = "A campaign that was started cannot be changed: another one must be made."
  }
}

run "longest_names" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    name              = "a-prefix-of-thirty-two-letters-x"
    instance_id       = run.triggers.destination.instance_id
    campaign_flow_arn = run.triggers.destination.campaign_flow_arn
    senders           = run.triggers.destination.senders
    triggers = { twenty-four-letters-long = {
      event        = "cart_abandoned"
      template_arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000:3"
      channel      = "EMAIL"
      start_time   = "2027-01-01T00:00:00Z"
      end_time     = "2028-01-01T00:00:00Z"
    } }
  }

  assert {
    condition     = length(output.triggers["twenty-four-letters-long"].event_trigger_name) == 64 && length(aws_cloudformation_stack.trigger["twenty-four-letters-long"].name) <= 128
    error_message = "The name of an event trigger ends at 64 characters, that of a stack at 128."
  }
}

run "triggers_of_the_other_destination" {
  command = plan

  variables {
    destination = {
      pinpoint = { application_id = "00112233445566778899aabbccddeeff" }
      connect = {
        instance_id       = "11111111-2222-3333-4444-555555555555"
        campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
        senders           = { email = "news@example.com" }
        triggers = { cart = {
          event        = "cart_abandoned"
          template_arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000"
          channel      = "EMAIL"
          start_time   = "2027-01-01T00:00:00Z"
          end_time     = "2028-01-01T00:00:00Z"
        } }
      }
      sends_by = "pinpoint"
    }
  }

  assert {
    condition     = startswith(output.connect.triggers.cart.event_trigger_name, "demo-cart-") && output.connect.function_name == "demo-connect-triggers" && !output.connect.triggers.cart.runs
    error_message = "Triggers must be made and not started while Pinpoint sends."
  }
}
