"""What a turn is made of: the kinds of items, one module each, and the list of them.

The nineteen ``ThreadItem`` types of the app-server protocol (captured from runtime 0.163), ``UnknownItem`` for the
twentieth, and four that have no item of their own on the wire: ``RefusedCall`` (a call that the sandbox or the policy
stopped, seen only in raw events), ``HookRun``, ``Notice`` and ``Review``.

A module says all of its kind: what an item is, how it is read from the wire, how it grows, the block that shows it
(``core/item.py`` says what each part is). To add a kind, write its module, import it here and name it in ``KINDS``; the
reader of notifications, the reducer and the document look it up (``core/kinds.py``). What several items say together
(roles, explorations, the summary of the work) is not here.
"""

from __future__ import annotations

from typing import Any

from codex_jupyter.core.item import Kind
from codex_jupyter.core.items.agent_message import AGENT_MESSAGE, AgentMessage
from codex_jupyter.core.items.collab_agent_call import COLLAB_AGENT_CALL, CollabAgentCall
from codex_jupyter.core.items.command import COMMAND, Action, Command
from codex_jupyter.core.items.compaction import COMPACTION, Compaction
from codex_jupyter.core.items.dynamic_tool_call import DYNAMIC_TOOL_CALL, DynamicToolCall
from codex_jupyter.core.items.file_change import FILE_CHANGE, FileChange
from codex_jupyter.core.items.function_output import FUNCTION_OUTPUT, FunctionOutput
from codex_jupyter.core.items.hook_prompt import HOOK_PROMPT, HookPrompt
from codex_jupyter.core.items.hook_run import HOOK_RUN, HookRun
from codex_jupyter.core.items.image_generation import IMAGE_GENERATION, ImageGeneration
from codex_jupyter.core.items.image_view import IMAGE_VIEW, ImageView
from codex_jupyter.core.items.mcp_tool_call import MCP_TOOL_CALL, McpToolCall
from codex_jupyter.core.items.notice import NOTICE, Notice
from codex_jupyter.core.items.plan import PLAN, Plan
from codex_jupyter.core.items.reasoning import REASONING, Reasoning
from codex_jupyter.core.items.refused_call import REFUSED_CALL, RefusedCall
from codex_jupyter.core.items.review import REVIEW, Review
from codex_jupyter.core.items.review_entered import REVIEW_ENTERED, ReviewEntered
from codex_jupyter.core.items.review_exited import REVIEW_EXITED, ReviewExited
from codex_jupyter.core.items.sleep import SLEEP, Sleep
from codex_jupyter.core.items.sub_agent_activity import SUB_AGENT_ACTIVITY, SubAgentActivity
from codex_jupyter.core.items.unknown_item import UNKNOWN_ITEM, UnknownItem
from codex_jupyter.core.items.user_message import USER_MESSAGE, InputPart, UserMessage
from codex_jupyter.core.items.web_search import WEB_SEARCH, WebSearch

KINDS: tuple[Kind[Any], ...] = (
    # As the protocol has them.
    USER_MESSAGE,
    AGENT_MESSAGE,
    REASONING,
    PLAN,
    COMMAND,
    FILE_CHANGE,
    MCP_TOOL_CALL,
    DYNAMIC_TOOL_CALL,
    COLLAB_AGENT_CALL,
    SUB_AGENT_ACTIVITY,
    WEB_SEARCH,
    IMAGE_VIEW,
    IMAGE_GENERATION,
    SLEEP,
    REVIEW_ENTERED,
    REVIEW_EXITED,
    COMPACTION,
    HOOK_PROMPT,
    FUNCTION_OUTPUT,
    # Made on this side, or told of by notifications of their own.
    UNKNOWN_ITEM,
    REFUSED_CALL,
    HOOK_RUN,
    NOTICE,
    REVIEW,
)
