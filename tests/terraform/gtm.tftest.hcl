# modules/pixel: the container for Google Tag Manager. tests/gtm checks each of these runs' containers by GTM's import rules.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "what_nobody_lists" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = length(jsondecode(output.gtm_container).containerVersion.trigger) == 0 && length(jsondecode(output.gtm_container).containerVersion.tag[0].firingTriggerId) == 0
    error_message = "A glob that takes every event must not become a trigger: it would fire on the events of every other tool."
  }

  assert {
    condition     = [for variable in jsondecode(output.gtm_container).containerVersion.variable : variable.name] == ["Engagement - pixel URL", "Engagement - endpoint_id"]
    error_message = "A glob names no variable, and without keys there is no token."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.variable[0].parameter[0].value == output.url
    error_message = "The container must hold the pixel's real URL."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.customTemplate == [] && jsondecode(output.gtm_container).containerVersion.tag[0].consentSettings == { consentStatus = "NOT_SET" }
    error_message = "By default the tag is an image whose consent nobody has reviewed."
  }

  assert {
    condition     = !issensitive(output.gtm_container)
    error_message = "The container must be readable from the output."
  }
}

run "lists_of_the_pixel" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events           = ["page_view", "purchase_*", "v?.1", "Product Viewed", "*", "?iew", "gtm.click", "a:b"]
    event_attributes = ["page_path", "item_*", "token", "page_path"]
    event_metrics    = ["value"]
    user_attributes  = { anonymous = ["interest", "page_path"], authenticated = ["plan"] }
  }

  assert {
    condition = { for trigger in jsondecode(output.gtm_container).containerVersion.trigger : trigger.name => [trigger.customEventFilter[0].type, trigger.customEventFilter[0].parameter[1].value] } == {
      "Engagement - event page_view"      = ["EQUALS", "page_view"]
      "Engagement - event purchase_*"     = ["MATCH_REGEX", "^(?!gtm\\.)purchase_.*$"]
      "Engagement - event v?.1"           = ["MATCH_REGEX", "^(?!gtm\\.)v.\\.1$"]
      "Engagement - event Product Viewed" = ["EQUALS", "Product Viewed"]
    }
    error_message = "A name must become a trigger for it, a glob a regular expression that leaves GTM's own events out, and neither where it would match everything or upset GTM."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.tag[0].parameter[2].value == "{{Engagement - pixel URL}}?event={{Event}}&endpoint_id={{Engagement - endpoint_id}}&evat_page_path={{Engagement - page_path}}&evme_value={{Engagement - value}}&usat_interest={{Engagement - interest}}&usat_page_path={{Engagement - page_path}}"
    error_message = "The tag must send every name behind its prefix, and nothing that only customers who are logged in may write."
  }

  assert {
    condition     = [for variable in jsondecode(output.gtm_container).containerVersion.variable : variable.name] == ["Engagement - pixel URL", "Engagement - endpoint_id", "Engagement - page_path", "Engagement - value", "Engagement - interest"]
    error_message = "A name that is used twice needs one variable."
  }
}

run "lists_for_gtm" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events          = ["page_view", "purchase_*"]
    user_attributes = { authenticated = ["plan", "last_[a-z]*"] }
    token           = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/keys" }
    gtm = {
      events           = ["purchase_success"]
      event_attributes = ["page_path"]
      user_attributes  = ["plan", "last_order"]
      consent_types    = ["analytics_storage", "ad_user_data"]
      name_prefix      = "Shop | "
    }
  }

  assert {
    condition     = [for trigger in jsondecode(output.gtm_container).containerVersion.trigger : trigger.name] == ["Shop | event purchase_success"]
    error_message = "What is listed for GTM must win."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.tag[0].parameter[2].value == "{{Shop | pixel URL}}?event={{Event}}&endpoint_id={{Shop | endpoint_id}}&token={{Shop | token}}&evat_page_path={{Shop | page_path}}&usat_plan={{Shop | plan}}&usat_last_order={{Shop | last_order}}"
    error_message = "With keys the tag must send the token, and may send what it opens."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.tag[0].consentSettings == { consentStatus = "NEEDED", consentType = { type = "LIST", list = [{ type = "TEMPLATE", value = "analytics_storage" }, { type = "TEMPLATE", value = "ad_user_data" }] } }
    error_message = "The tag must need the listed types of consent."
  }
}

run "template" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain           = { name = "events.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
    events           = ["page_view"]
    event_attributes = ["page_path"]
    event_metrics    = []
    gtm = {
      consent_types = ["ad_storage"]
      template      = { without_consent = "drop" }
    }
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.tag[0].type == "cvt_0_${jsondecode(output.gtm_container).containerVersion.customTemplate[0].templateId}"
    error_message = "The tag must use the template that the container carries."
  }

  assert {
    condition = { for parameter in jsondecode(output.gtm_container).containerVersion.tag[0].parameter : parameter.key => try(parameter.value, parameter.list) } == {
      url             = "{{Engagement - pixel URL}}"
      event           = "{{Event}}"
      endpointId      = "{{Engagement - endpoint_id}}"
      withoutConsent  = "drop"
      eventAttributes = [{ type = "MAP", map = [{ type = "TEMPLATE", key = "name", value = "page_path" }, { type = "TEMPLATE", key = "value", value = "{{Engagement - page_path}}" }] }]
      consentTypes    = [{ type = "MAP", map = [{ type = "TEMPLATE", key = "type", value = "ad_storage" }] }]
    }
    error_message = "The tag must fill the template's fields."
  }

  assert {
    condition     = jsondecode(output.gtm_container).containerVersion.tag[0].consentSettings == { consentStatus = "NOT_NEEDED" }
    error_message = "The template asks for consent itself; GTM must not drop what it keeps."
  }

  assert {
    condition     = strcontains(jsondecode(output.gtm_container).containerVersion.customTemplate[0].templateData, "\"https://events.example.com/*\"") && !strcontains(jsondecode(output.gtm_container).containerVersion.customTemplate[0].templateData, "amazonaws.com/*")
    error_message = "The template may call the pixel's host and no other."
  }
}
