#include "broker/endpoints_file.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace broker {

namespace {

std::string path_in(const std::string& directory) { return directory + "/endpoints.json"; }

}  // namespace

imapd::Result<void> write_endpoints_file(const std::string& directory, const Endpoints& endpoints) {
  const std::string path = path_in(directory);
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << "{\"pid\": " << getpid() << ", \"imap\": \"" << endpoints.imap << "\", \"grpc\": \"" << endpoints.grpc << '"';
  if (!endpoints.imaps.empty()) file << ", \"imaps\": \"" << endpoints.imaps << '"';
  if (!endpoints.grpcs.empty()) file << ", \"grpcs\": \"" << endpoints.grpcs << '"';
  file << "}\n";
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return imapd::make_error(imapd::Code::kIo, "cannot write " + path);
  }
  return {};
}

void remove_endpoints_file(const std::string& directory) { std::remove(path_in(directory).c_str()); }

}  // namespace broker
