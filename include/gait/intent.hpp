/** Intents. Included by gait.hpp. */
#ifndef GAIT_INTENT_HPP
#define GAIT_INTENT_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace gait {

/** A proposed tool call or script, in normal form. */
class Intent {
  public:
    explicit Intent(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_intent_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode), handle_.out(), error);
        });
    }
    std::string_view tool_name() const { return detail::view(detail::ask(gait_intent_tool_name, get())); }
    std::string digest() const { return detail::hex(detail::ask(gait_intent_digest, get())); }
    std::string args_digest() const { return detail::hex(detail::ask(gait_intent_args_digest, get())); }
    /** Digest of a script's steps; empty for a single tool call. */
    std::string script_hash() const { return detail::hex(detail::ask(gait_intent_script_hash, get())); }
    /** The canonical text that `digest` is the digest of. */
    Buffer canonical() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_intent_canonical(get(), out, error); });
    }
    /** What was not kept exactly; empty in strict mode. */
    std::vector<gait_notice> notices() const {
        std::vector<gait_notice> notices(detail::ask(gait_intent_notice_count, get()));
        for (std::size_t index = 0; index < notices.size(); ++index) {
            detail::check(gait_intent_notice(get(), index, &notices[index]));
        }
        return notices;
    }
    const gait_intent *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_intent, gait_intent_free> handle_;
};

} // namespace gait

#endif // GAIT_INTENT_HPP
