"""Help by a model: experiments that train on what people labelled and propose labels for the rest; groups; the order.

Owns: the experiments and the ranks in the queue. Nothing here makes a label: proposals go through `answers.propose`,
and stay proposals until a person submits them.
Leaves: training and looking at pictures to `localazure.training`, in processes of their own.
"""

from localazure.labeling.assist.service import Assist, AssistWork

__all__ = ["Assist", "AssistWork"]
