"""The portal: settings, URLs, navigation, schedule and servers. The only place that knows every app."""
