#include "harness/protocols/snmp.hpp"

namespace haetae::protocols::snmp {
namespace {

std::int32_t fresh_id() {
  const Bytes bytes = random_bytes(4);
  const std::uint32_t id = static_cast<std::uint32_t>(bytes[0]) << 24 |
                           static_cast<std::uint32_t>(bytes[1]) << 16 |
                           static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
  return static_cast<std::int32_t>(id & 0x3fffffff);
}

}  // namespace

Result<std::vector<CommunityAnswer>> try_communities(net::Door& door, const Endpoint& to,
                                                     std::string_view subject,
                                                     std::span<const std::string> communities,
                                                     Duration wait, Recorder& recorder,
                                                     std::stop_token stop) {
  std::vector<net::UdpQuestion> questions;
  std::vector<CommunityAnswer> out;
  std::vector<std::int32_t> ids;
  for (const std::string& community : communities) {
    for (const Version version : {Version::v2c, Version::v1}) {
      ids.push_back(fresh_id());
      out.push_back({.community = community, .version = version});
      questions.push_back(
          {.to = to,
           .payload = get_request(version, community, ids.back()),
           .label = version == Version::v1 ? "SNMPv1 community" : "SNMPv2c community",
           .subject = std::string(subject)});
    }
  }
  const auto answers = door.ask(questions, wait, recorder, stop);
  if (!answers) return tl::unexpected(answers.error());
  for (std::size_t i = 0; i < out.size() && i < answers->size(); ++i) {
    out[i].evidence = (*answers)[i].evidence;
    out[i].port_unreachable = (*answers)[i].port_unreachable;
    for (const net::Datagram& datagram : (*answers)[i].datagrams) {
      auto message = decode(datagram.bytes);
      if (!message || message->request_id != ids[i] || message->community != out[i].community)
        continue;
      out[i].answered = true;
      out[i].message = std::move(*message);
    }
  }
  return out;
}

Result<EngineAnswer> discover_engine(net::Door& door, const Endpoint& to, std::string_view subject,
                                     Duration wait, Recorder& recorder, std::stop_token stop) {
  const std::int32_t id = fresh_id();
  const std::vector<net::UdpQuestion> questions = {{.to = to,
                                                    .payload = engine_request(id),
                                                    .label = "SNMPv3 engine discovery",
                                                    .subject = std::string(subject)}};
  const auto answers = door.ask(questions, wait, recorder, stop);
  if (!answers) return tl::unexpected(answers.error());
  EngineAnswer out;
  if (answers->empty()) return out;
  out.evidence = answers->front().evidence;
  out.port_unreachable = answers->front().port_unreachable;
  for (const net::Datagram& datagram : answers->front().datagrams) {
    auto message = decode(datagram.bytes);
    if (!message || message->version != Version::v3) continue;
    out.answered = true;
    out.message = std::move(*message);
  }
  return out;
}

}  // namespace haetae::protocols::snmp
