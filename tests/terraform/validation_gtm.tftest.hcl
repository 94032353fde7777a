# Each rule of the container for Google Tag Manager. A run breaks one rule of every variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "gtm_gtms_own_events" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { events = ["gtm.js"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_event_with_a_wildcard" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { events = ["purchase_*"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_event_that_the_pixel_rejects" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events = ["page.view"]
    gtm    = { events = ["page_view"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_event_that_is_reserved" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    reserved_events = ["order_?efunded"]
    gtm             = { events = ["order_refunded"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_user_attribute_that_is_reserved" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    user_attributes = { anonymous = ["*"] }
    gtm             = { user_attributes = ["engagement_role"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_event_outside_of_a_set" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events = ["purchase_[!x]*"]
    gtm    = { events = ["purchase_x"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_attribute_that_the_pixel_drops" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    event_attributes = ["page_*"]
    gtm              = { event_attributes = ["campaign"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_attribute_for_customers_without_token" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    user_attributes = { authenticated = ["plan"] }
    gtm             = { user_attributes = ["plan"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_token_as_attribute" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { event_attributes = ["token"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_name_with_a_space" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { event_metrics = ["a b"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_malformed_consent_type" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { consent_types = ["ad storage"] }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_consent_type_that_the_template_may_not_read" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { consent_types = ["other_storage"], template = {} }
  }

  expect_failures = [var.gtm]
}

run "gtm_an_unknown_choice_without_consent" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { template = { without_consent = "ask" } }
  }

  expect_failures = [var.gtm]
}

run "gtm_a_prefix_that_gtm_refuses" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    gtm = { name_prefix = "A & B" }
  }

  expect_failures = [var.gtm]
}
