"""The seed's configuration keys that nothing in this version reads: accepted, and said so."""

# fmt: off
SEED_KEYS = frozenset({
    "max_risk_per_trade", "prediction_threshold", "order_type",  # declared by the seed's default_strategy, used by none
    "debug_mode", "log_level", "core_plugin", "global_latency", "api_host", "api_port", "api_workers", "enable_api", "aaa_plugin",
    "session_timeout", "password_hash_algorithm", "jwt_secret", "jwt_algorithm", "jwt_expiration", "pipeline_plugin",
    "pipeline_timeout", "max_concurrent_portfolios", "default_position_size", "default_max_open_positions", "default_entry_rule",
    "default_exit_rule", "default_broker_name", "prediction_provider_url", "prediction_provider_api_key",
    "prediction_provider_timeout", "prediction_provider_retries", "prediction_provider_retry_delay", "short_term_model",
    "long_term_model", "csv_test_mode", "csv_test_data_path", "csv_test_lookahead", "portfolio_plugin",
    "default_allocation_method", "default_max_total_exposure", "default_rebalance_frequency", "default_portfolio_latency",
    "database_url", "database_echo", "database_pool_size", "database_max_overflow", "web_host", "web_port", "web_workers",
    "templates_dir", "static_dir", "default_trailing_stop", "default_take_profit", "default_stop_loss", "default_signal_filter",
    "min_capital_per_asset", "max_capital_per_asset", "max_drawdown", "max_daily_loss", "max_positions_per_user",
    "max_portfolios_per_user", "log_file", "log_rotation", "log_retention", "remote_logging", "remote_log_url", "cache_enabled",
    "cache_ttl", "max_memory_usage", "max_cpu_usage", "rate_limit_enabled", "max_requests_per_minute", "max_login_attempts",
    "lockout_duration", "plugin_timeout", "plugin_retry_attempts", "plugin_retry_delay",
})
# fmt: on
