// Messages as people read them.
#pragma once

#include <string>

#include "claimq/v1/message.pb.h"
#include "tools/client/table.h"
#include "tools/ctl/program.h"

namespace tools::ctl {

// One line that tells something of the body: the subject-like attribute, else its beginning.
std::string summary_of(const claimq::v1::QueuedMessage& message, std::size_t width_max);

// Name and value lines, without the body.
std::string head_text(const claimq::v1::QueuedMessage& message, client::Style style);

// Bytes as they are, or made harmless when they go to a terminal; ends with a line break there.
std::string body_text(const std::string& bytes);

// The columns of `peek`, and the row of one message.
client::Table message_table();
std::vector<std::string> message_row(const claimq::v1::QueuedMessage& message);

// "claimq@<host name>": the same for each run on a machine, so that a later `claimq ack` is the holder.
std::string default_worker_id();

}  // namespace tools::ctl
