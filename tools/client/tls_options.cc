#include "tools/client/tls_options.h"

namespace tools::client {

void add_tls_options(CLI::App& app, Tls& tls) {
  // Whoever names a file wants TLS.
  const auto enable = [&tls](const std::string&) { tls.enabled = true; };
  app.add_flag("--tls", tls.enabled, "Speak TLS; the server's certificate must be one that this system believes");
  app.add_option("--tls-ca", tls.ca, "Speak TLS; PEM file of who signs the server's certificate, instead of the system's")
      ->envname("CLAIMQ_TLS_CA")
      ->each(enable);
  app.add_option("--tls-server-name", tls.server_name,
                 "The name in the server's certificate, where it is not the host of --server")
      ->each(enable);
  CLI::Option* const certificate =
      app.add_option("--tls-certificate", tls.certificate, "PEM file of your own certificate and its chain")
          ->envname("CLAIMQ_TLS_CERTIFICATE")
          ->each(enable);
  CLI::Option* const key = app.add_option("--tls-key", tls.key, "PEM file of the key of your certificate")
                               ->envname("CLAIMQ_TLS_KEY")
                               ->each(enable);
  certificate->needs(key);
  key->needs(certificate);
}

}  // namespace tools::client
