# Pixel and company events with Connect, and with both destinations: what is there of each, and who may do what.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name     = "demo"
  pinpoint = { application_id = "00112233445566778899aabbccddeeff" }
  connect = {
    domain_name        = "demo"
    domain_arn         = "arn:aws:profile:eu-west-1:123456789012:domains/demo"
    object_types       = { public = "demo-public-events", trusted = "demo-trusted-events" }
    profile_attributes = ["plan"]
    instance_id        = "11111111-2222-3333-4444-555555555555"
    campaign_flow_arn  = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
    senders            = { email = "news@example.com" }
    templates          = { release = { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000" } }
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Pixel
# ---------------------------------------------------------------------------------------------------------------------

run "pixel_to_connect" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination = { connect = merge(var.connect, { put_objects_rate = 40 }) }
  }

  assert {
    condition     = [for name in ["PINPOINT_APPLICATION_ID", "PUT_EVENTS_RATE", "PROFILES_DOMAIN", "PUBLIC_OBJECT_TYPE", "TRUSTED_OBJECT_TYPE", "PROFILE_ATTRIBUTES", "PUT_OBJECTS_RATE", "TOKEN_AUDIENCE"] : local.environment[name]] == ["", "15", "demo", "demo-public-events", "demo-trusted-events", "[\"plan\"]", "40", "demo"]
    error_message = "The consumer must know the domain and nothing of Pinpoint, and tokens must be for the domain."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.consumer.statement : "${join(" ", sort(statement.actions))} ${join(" ", sort(statement.resources))}" if contains(["SendEvents", "PutObjects"], statement.sid)] == ["profile:BatchPutProfileObject profile:PutProfileObject ${var.connect.domain_arn} ${var.connect.domain_arn}/object-types/demo-public-events ${var.connect.domain_arn}/object-types/demo-trusted-events"]
    error_message = "The consumer may write objects of its two types, and nothing to Pinpoint."
  }

  assert {
    condition     = contains(output.alarm_names, "demo-pixel-profiles-throttles") && !contains(output.alarm_names, "demo-pixel-pinpoint-throttles")
    error_message = "Alarms must be about the destination that is there."
  }

  assert {
    condition     = [for graph in local.graphs : graph.title if startswith(graph.title, "Requests")] == ["Requests to Customer Profiles"]
    error_message = "The dashboard must show the destination that is there."
  }
}

run "pixel_to_both" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination = { pinpoint = var.pinpoint, connect = var.connect }
  }

  assert {
    condition     = [for name in ["PINPOINT_APPLICATION_ID", "PUT_EVENTS_RATE", "PROFILES_DOMAIN", "PUT_OBJECTS_RATE", "TOKEN_AUDIENCE"] : local.environment[name]] == ["00112233445566778899aabbccddeeff", "15", "demo", "100", "00112233445566778899aabbccddeeff"]
    error_message = "The consumer must know both, and tokens of the project must stay valid."
  }

  assert {
    condition     = sort([for statement in data.aws_iam_policy_document.consumer.statement : statement.sid if contains(["SendEvents", "PutObjects"], statement.sid)]) == tolist(["PutObjects", "SendEvents"])
    error_message = "The consumer may write to both."
  }

  assert {
    condition     = contains(output.alarm_names, "demo-pixel-profiles-throttles") && contains(output.alarm_names, "demo-pixel-pinpoint-throttles")
    error_message = "There must be alarms for both."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Company events
# ---------------------------------------------------------------------------------------------------------------------

run "company_events_by_connect" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination     = { connect = merge(var.connect, { update_profiles_rate = 60 }) }
    custom_channels = { letter = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:letters" } }

    domain_arns = "arn:aws:profile:eu-west-1:123456789012:domains/demo arn:aws:profile:eu-west-1:123456789012:domains/demo/*"
    campaigns   = "arn:aws:connect-campaigns:eu-west-1:123456789012:campaign/*"
    instance    = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555"
    own         = "engagement:environment=demo-company-events"
  }

  assert {
    condition     = sort(keys(module.function)) == tolist(["announcer", "plans", "stamper", "step"]) && sort(keys(aws_iam_role.service)) == tolist(["machine", "scheduler", "snapshots"]) && length(aws_lambda_permission.pinpoint) == 0 && length(aws_lambda_permission.custom_channel) == 0
    error_message = "What only Pinpoint calls or assumes must not be there."
  }

  assert {
    condition = merge(
      { for name in ["PINPOINT_APPLICATION_ID", "PROFILES_DOMAIN", "CONNECT_INSTANCE_ID", "EXPORT_ROLE_ARN", "SNAPSHOT_ROLE_ARN", "CAMPAIGN_CREATES_PER_SECOND"] : "step ${name}" => local.environments.step[name] },
      { for name in ["PINPOINT_APPLICATION_ID", "PROFILES_DOMAIN", "UPDATE_PROFILES_RATE"] : "stamper ${name}" => local.environments.stamper[name] },
      { for name in ["PINPOINT_APPLICATION_ID", "PROFILES_DOMAIN", "CONNECT_INSTANCE_ID"] : "announcer ${name}" => local.environments.announcer[name] },
      ) == {
      "step PINPOINT_APPLICATION_ID"      = ""
      "step PROFILES_DOMAIN"              = "demo"
      "step CONNECT_INSTANCE_ID"          = var.connect.instance_id
      "step EXPORT_ROLE_ARN"              = ""
      "step SNAPSHOT_ROLE_ARN"            = "arn:aws:iam::123456789012:role/demo-ce-snapshots-eu-west-1"
      "step CAMPAIGN_CREATES_PER_SECOND"  = "1"
      "stamper PINPOINT_APPLICATION_ID"   = ""
      "stamper PROFILES_DOMAIN"           = "demo"
      "stamper UPDATE_PROFILES_RATE"      = "60"
      "announcer PINPOINT_APPLICATION_ID" = ""
      "announcer PROFILES_DOMAIN"         = "demo"
      "announcer CONNECT_INSTANCE_ID"     = var.connect.instance_id
    }
    error_message = "The functions must know Connect and nothing of Pinpoint."
  }

  assert {
    condition = [for settings in [jsondecode(local.plan_settings)] : [settings.sends_by, settings.connect, settings.stamp_function]] == [["connect", {
      template_prefix      = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/"
      campaign_flow_prefix = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/"
      campaign_flow_arn    = "66666666-7777-8888-9999-000000000000:1"
      templates            = { release = { arn = "66666666-7777-8888-9999-000000000000" } }
      senders              = { email = "news@example.com" }
      profile_attributes   = ["plan"]
    }, ""]]
    error_message = "Plans must be checked against what Connect has: templates with their flow, senders that are there, mapped attributes."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["step"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources), [for condition in statement.condition : "${condition.variable}=${one(condition.values)}"])) if !contains(["KeepTheLedger", "ReadVersionsOfPlans", "ReadExports", "FindExports", "QueueStamps"], statement.sid) } == {
      MakeSegmentDefinitions   = "profile:CreateSegmentDefinition profile:DeleteSegmentDefinition profile:GetSegmentDefinition profile:ListSegmentDefinitions profile:TagResource ${var.domain_arns}"
      TakeSnapshots            = "profile:CreateSegmentEstimate profile:CreateSegmentSnapshot profile:GetSegmentEstimate profile:GetSegmentSnapshot ${var.domain_arns}"
      LetCustomerProfilesWrite = "iam:PassRole arn:aws:iam::123456789012:role/demo-ce-snapshots-eu-west-1 iam:PassedToService=profile.amazonaws.com"
      FindConnectCampaigns     = "connect-campaigns:GetCampaignStateBatch connect-campaigns:ListCampaigns *"
      MakeConnectCampaigns     = "connect-campaigns:CreateCampaign * aws:RequestTag/${var.own}"
      TagConnectCampaigns      = "connect-campaigns:TagResource ${var.campaigns} aws:RequestTag/${var.own}"
      FollowConnectCampaigns   = "connect-campaigns:DescribeCampaign connect-campaigns:GetCampaignState ${var.campaigns}"
      TakeConnectCampaignsBack = "connect-campaigns:DeleteCampaign connect-campaigns:StopCampaign ${var.campaigns} aws:ResourceTag/${var.own}"
      StartConnectCampaigns    = "connect-campaigns:StartCampaign ${var.campaigns} aws:ResourceTag/${var.own}"
      ReadWhatCampaignsName    = "connect:DescribeContactFlow connect:DescribeEmailAddress connect:DescribeInstance connect:DescribePhoneNumber ${var.instance} ${var.instance}/* arn:aws:connect:eu-west-1:123456789012:phone-number/*"
      ReadTemplates            = "wisdom:GetMessageTemplate arn:aws:wisdom:eu-west-1:123456789012:message-template/*"
    }
    error_message = "The step function may make segment definitions of its domain and campaigns that carry its tag, and let Customer Profiles write snapshots."
  }

  assert {
    condition = { for role in ["announcer", "stamper", "plans"] : role => [for statement in data.aws_iam_policy_document.function[role].statement : join(" ", concat(sort(statement.actions), sort(statement.resources), [for condition in statement.condition : "${condition.variable}=${one(condition.values)}"])) if anytrue([for action in statement.actions : can(regex("^(mobiletargeting|profile|connect|connect-campaigns|wisdom):", action))])] } == {
      announcer = [
        "connect-campaigns:GetCampaignStateBatch connect-campaigns:ListCampaigns *",
        "connect-campaigns:DescribeCampaign connect-campaigns:GetCampaignState ${var.campaigns}",
        "connect-campaigns:DeleteCampaign connect-campaigns:StopCampaign ${var.campaigns} aws:ResourceTag/${var.own}",
      ]
      stamper = ["profile:SearchProfiles profile:UpdateProfile ${var.domain_arns}"]
      plans   = []
    }
    error_message = "The announcer may count and take campaigns back, the stamper may write profiles, and nobody may do anything in Pinpoint."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.service_trust["snapshots"].statement : "${one(one(statement.principals).identifiers)} ${join(" ", sort(flatten([for condition in statement.condition : condition.values])))}"] == ["profile.amazonaws.com 123456789012 ${var.domain_arns}"]
    error_message = "Only Customer Profiles may assume the role, for this domain."
  }

  assert {
    condition     = length([for name in output.alarm_names : name if strcontains(name, "journey")]) == 0
    error_message = "Without Pinpoint there are no journeys to watch."
  }
}

run "company_events_to_both" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { pinpoint = var.pinpoint, connect = var.connect, sends_by = "connect" }
  }

  assert {
    condition     = sort(keys(module.function)) == tolist(["announcer", "journey", "plans", "stamp_hook", "stamper", "step"]) && sort(keys(aws_iam_role.service)) == tolist(["exports", "machine", "scheduler", "snapshots"]) && length(aws_lambda_permission.pinpoint) == 2
    error_message = "Stamps go to both, and runs that Pinpoint began must end."
  }

  assert {
    condition     = alltrue([for sid in ["WriteUserAttributes", "LookAtEndpoints", "WriteProfiles"] : contains(data.aws_iam_policy_document.function["stamper"].statement[*].sid, sid)]) && local.environments.step.CAMPAIGN_CREATES_PER_SECOND == "1" && jsondecode(local.plan_settings).sends_by == "connect"
    error_message = "The stamper may write to both, and the pace is that of who sends."
  }
}

# Lambda takes 4,096 bytes of environment, and every template is in it: what ARNs share is there once.
run "templates_share" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = {
      connect = merge(var.connect, {
        campaign_flow_arn = null
        templates = {
          a = { arn = "${var.connect.templates.release.arn}:1", campaign_flow_arn = var.connect.campaign_flow_arn }
          b = { arn = replace(var.connect.templates.release.arn, "template/1111", "template/2222"), campaign_flow_arn = replace(var.connect.campaign_flow_arn, "0000:1", "0000:2") }
          c = { arn = var.connect.templates.release.arn, campaign_flow_arn = replace(var.connect.campaign_flow_arn, "instance/1111", "instance/2222") }
        }
      })
    }
  }

  assert {
    condition = [for connect in [jsondecode(local.plan_settings).connect] : { for name, template in connect.templates : name => [
      startswith(template.arn, "arn:") ? template.arn : "${connect.template_prefix}${template.arn}",
      startswith(template.campaign_flow_arn, "arn:") ? template.campaign_flow_arn : "${connect.campaign_flow_prefix}${template.campaign_flow_arn}",
    ] }] == [{ for name, template in var.destination.connect.templates : name => [template.arn, template.campaign_flow_arn] }]
    error_message = "Each template must keep its ARN and its flow."
  }

  assert {
    condition = jsondecode(local.plan_settings).connect.templates == {
      a = { arn = "66666666-7777-8888-9999-000000000000:1", campaign_flow_arn = "66666666-7777-8888-9999-000000000000:1" }
      b = { arn = replace(var.connect.templates.release.arn, "template/1111", "template/2222"), campaign_flow_arn = "66666666-7777-8888-9999-000000000000:2" }
      c = { arn = "66666666-7777-8888-9999-000000000000", campaign_flow_arn = var.destination.connect.templates.c.campaign_flow_arn }
    }
    error_message = "What begins like the first must be short, what does not must be whole."
  }
}

run "templates_that_fit" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name = "a-prefix-of-thirty-two-letters-x"
    destination = {
      pinpoint = var.pinpoint
      connect = merge(var.connect, { templates = { for number in range(12) : "template-of-release-${number}" => {
        arn               = "${var.connect.templates.release.arn}:1"
        campaign_flow_arn = replace(var.connect.campaign_flow_arn, "0000:1", "0000:2")
      } } })
      sends_by = "connect"
    }
  }

  assert {
    condition     = max(values(local.environment_bytes)...) <= 4096
    error_message = "Twelve templates with a flow each must fit, even with the longest name; the largest environment has ${max(values(local.environment_bytes)...)} bytes."
  }
}

run "templates_that_fit_with_one_flow" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name = "a-prefix-of-thirty-two-letters-x"
    destination = {
      pinpoint = var.pinpoint
      connect  = merge(var.connect, { templates = { for number in range(24) : "template-of-release-${number}" => { arn = "${var.connect.templates.release.arn}:1", campaign_flow_arn = var.connect.campaign_flow_arn } } })
      sends_by = "connect"
    }
  }

  assert {
    condition     = max(values(local.environment_bytes)...) <= 4096
    error_message = "Twenty-four templates with one flow must fit, even with the longest name; the largest environment has ${max(values(local.environment_bytes)...)} bytes."
  }
}
