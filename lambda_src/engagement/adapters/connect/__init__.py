"""Amazon Connect: Customer Profiles and outbound campaigns."""
