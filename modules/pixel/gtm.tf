# ---------------------------------------------------------------------------------------------------------------------
# What the container speaks of
# ---------------------------------------------------------------------------------------------------------------------

locals {
  # Without keys no token has a meaning, and without a token nobody may write what is for customers who are logged in.
  gtm_taken = {
    events           = var.events
    event_attributes = var.event_attributes
    event_metrics    = var.event_metrics
    user_attributes  = concat(var.user_attributes.anonymous, var.token == null ? [] : var.user_attributes.authenticated)
  }
  gtm_globs = merge(local.gtm_taken, { reserved_events = local.reserved_events, reserved_user_attributes = local.reserved_user_attributes })
  gtm_regexes = { for glob in distinct(flatten(values(local.gtm_globs))) : glob =>
    replace(replace(replace(replace(glob, "/[.+^$(){}|\\\\]/", "\\$0"), "*", ".*"), "?", "."), "[!", "[^")
  }
  gtm_patterns = { for list, globs in local.gtm_globs : list => [for glob in globs : "^${local.gtm_regexes[glob]}$"] }

  # What nobody lists for GTM comes from the lists of what the pixel takes: events by name or by a glob that begins with
  # a name, and names that are safe in a URL and in GTM. A glob of attributes names no variable.
  gtm_events = distinct(coalesce(var.gtm.events, [
    for name in var.events : name if can(regex("^[A-Za-z0-9_-][A-Za-z0-9_. *?-]*$", name)) && !startswith(name, "gtm.")
  ]))
  gtm_names = { for field in ["event_attributes", "event_metrics", "user_attributes"] : field => distinct(coalesce(var.gtm[field], [
    for name in local.gtm_taken[field] : name if can(regex("^[A-Za-z0-9_.-]{1,50}$", name)) && !contains(["event", "endpoint_id", "token"], name)
  ])) }

  # One variable for each place in the data layer, whatever uses it.
  gtm_layer_names = distinct(concat(["endpoint_id"], var.token == null ? [] : ["token"], flatten([
    local.gtm_names.event_attributes, local.gtm_names.event_metrics, local.gtm_names.user_attributes,
  ])))
}

# ---------------------------------------------------------------------------------------------------------------------
# Its parts; GTM gives them new IDs at import
# ---------------------------------------------------------------------------------------------------------------------

locals {
  gtm_owner = {
    accountId   = "0"
    containerId = "0"
  }
  gtm_tag_id         = "1"
  gtm_template_id    = "2"
  gtm_first_variable = 3
  gtm_first_trigger  = local.gtm_first_variable + 1 + length(local.gtm_layer_names)
  gtm_trigger_ids    = [for index, _ in local.gtm_events : tostring(local.gtm_first_trigger + index)]

  gtm_url_name  = "${var.gtm.name_prefix}pixel URL"
  gtm_reference = { for name in local.gtm_layer_names : name => "{{${var.gtm.name_prefix}${name}}}" }
  gtm_no_value  = { type = "TEMPLATE", value = "" }

  gtm_variables = concat(
    [merge(local.gtm_owner, {
      variableId = tostring(local.gtm_first_variable)
      name       = local.gtm_url_name
      type       = "c"
      parameter  = [{ type = "TEMPLATE", key = "value", value = local.url }]
    })],
    # A value that the page did not push must become an empty text: GTM would write the word "undefined" into the URL.
    [for index, name in local.gtm_layer_names : merge(local.gtm_owner, {
      variableId = tostring(local.gtm_first_variable + 1 + index)
      name       = "${var.gtm.name_prefix}${name}"
      type       = "v"
      parameter = [
        { type = "INTEGER", key = "dataLayerVersion", value = "2" },
        { type = "BOOLEAN", key = "setDefaultValue", value = "false" },
        { type = "TEMPLATE", key = "name", value = name },
      ]
      formatValue = { convertNullToValue = local.gtm_no_value, convertUndefinedToValue = local.gtm_no_value }
    })],
  )

  # A glob becomes a regular expression that never matches GTM's own events.
  gtm_triggers = [for index, name in local.gtm_events : merge(local.gtm_owner, {
    triggerId = local.gtm_trigger_ids[index]
    name      = "${var.gtm.name_prefix}event ${name}"
    type      = "CUSTOM_EVENT"
    customEventFilter = [{
      type = can(regex("[*?]", name)) ? "MATCH_REGEX" : "EQUALS"
      parameter = [
        { type = "TEMPLATE", key = "arg0", value = "{{_event}}" },
        { type = "TEMPLATE", key = "arg1", value = can(regex("[*?]", name)) ? "^(?!gtm\\.)${local.gtm_regexes[name]}$" : name },
      ]
    }]
  })]
}

# ---------------------------------------------------------------------------------------------------------------------
# The tag: an image, or the custom template
# ---------------------------------------------------------------------------------------------------------------------

locals {
  gtm_consent_list = { type = "LIST", list = [for type in var.gtm.consent_types : { type = "TEMPLATE", value = type }] }

  # Every name stands behind a prefix: a browser would read &reg_date as the sign of a registered trade mark. GTM encodes
  # a variable in the query, and leaves the one with which the URL begins as it is.
  gtm_image = {
    type = "img"
    parameter = [
      { type = "BOOLEAN", key = "useCacheBuster", value = "true" },
      { type = "TEMPLATE", key = "cacheBusterQueryParam", value = "gtmcb" },
      { type = "TEMPLATE", key = "url", value = "{{${local.gtm_url_name}}}?${join("&", concat(
        ["event={{Event}}", "endpoint_id=${local.gtm_reference["endpoint_id"]}"],
        var.token == null ? [] : ["token=${local.gtm_reference["token"]}"],
        [for name in local.gtm_names.event_attributes : "evat_${name}=${local.gtm_reference[name]}"],
        [for name in local.gtm_names.event_metrics : "evme_${name}=${local.gtm_reference[name]}"],
        [for name in local.gtm_names.user_attributes : "usat_${name}=${local.gtm_reference[name]}"],
      ))}" },
    ]
    consentSettings = merge(
      { consentStatus = length(var.gtm.consent_types) == 0 ? "NOT_SET" : "NEEDED" },
      length(var.gtm.consent_types) == 0 ? {} : { consentType = local.gtm_consent_list },
    )
  }

  # The template asks for consent itself, since GTM would drop what it may keep until consent is given.
  gtm_template_tag = {
    type = "cvt_${local.gtm_owner.containerId}_${local.gtm_template_id}"
    parameter = concat(
      [
        { type = "TEMPLATE", key = "url", value = "{{${local.gtm_url_name}}}" },
        { type = "TEMPLATE", key = "event", value = "{{Event}}" },
        { type = "TEMPLATE", key = "endpointId", value = local.gtm_reference["endpoint_id"] },
        { type = "TEMPLATE", key = "withoutConsent", value = try(var.gtm.template.without_consent, null) },
      ],
      var.token == null ? [] : [{ type = "TEMPLATE", key = "token", value = local.gtm_reference["token"] }],
      [for key, field in { eventAttributes = "event_attributes", eventMetrics = "event_metrics", userAttributes = "user_attributes" } : {
        type                               = "LIST"
        key                                = key
        list = [for name in local.gtm_names[field] : {
          type = "MAP"
          map = [
            { type = "TEMPLATE", key = "name", value = name },
            { type = "TEMPLATE", key = "value", value = local.gtm_reference[name] },
          ]
        }]
      } if length(local.gtm_names[field]) > 0],
      length(var.gtm.consent_types) == 0 ? [] : [{
        type = "LIST"
        key  = "consentTypes"
        list = [for type in var.gtm.consent_types : { type = "MAP", map = [{ type = "TEMPLATE", key = "type", value = type }] }]
      }],
    )
    consentSettings = { consentStatus = length(var.gtm.consent_types) == 0 ? "NOT_SET" : "NOT_NEEDED" }
  }

  # It may call this pixel's host and no other. Its name differs from that of another pixel's template.
  gtm_template = merge(local.gtm_owner, {
    templateId  = local.gtm_template_id
    name        = "${var.gtm.name_prefix}pixel"
    fingerprint = "0"
    templateData = replace(
      replace(file("${path.module}/../../gtm/template.tpl"), "https://*.amazonaws.com/*", replace(local.url, "/^(https?://[^/]+/).*$/", "$1*")),
      "\"displayName\": \"Customer engagement pixel\"", "\"displayName\": \"${var.gtm.name_prefix}pixel\"",
    )
  })
}

# ---------------------------------------------------------------------------------------------------------------------
# Container
# ---------------------------------------------------------------------------------------------------------------------

locals {
  gtm_container = {
    exportFormatVersion = 2
    exportTime          = "2026-01-01 00:00:00"
    containerVersion = merge(local.gtm_owner, {
      path               = "accounts/0/containers/0/versions/0"
      containerVersionId = "0"
      fingerprint        = "0"
      container = merge(local.gtm_owner, {
        path         = "accounts/0/containers/0"
        name         = "${var.name} pixel"
        publicId     = "GTM-XXXXXXX"
        usageContext = ["WEB"]
        fingerprint  = "0"
      })
      # By a filter, since the two kinds are of different types.
      tag = [for kind, tag in { image = local.gtm_image, template = local.gtm_template_tag } : merge(local.gtm_owner, tag, {
        tagId              = local.gtm_tag_id
        name               = "${var.gtm.name_prefix}pixel"
        firingTriggerId    = local.gtm_trigger_ids
        tagFiringOption    = "ONCE_PER_EVENT"
        monitoringMetadata = { type = "MAP" }
      }) if kind == (var.gtm.template == null ? "image" : "template")]
      trigger         = local.gtm_triggers
      variable        = local.gtm_variables
      builtInVariable = [merge(local.gtm_owner, { type = "EVENT", name = "Event" })]
      customTemplate  = [for template in [local.gtm_template] : template if var.gtm.template != null]
    })
  }
}
