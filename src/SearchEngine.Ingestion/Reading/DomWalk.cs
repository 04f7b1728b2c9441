using AngleSharp.Dom;

namespace SearchEngine.Ingestion;

/// <summary>Goes over a tree depth first, without recursion: hostile pages nest deeper than the stack.</summary>
internal static class DomWalk
{
    /// <summary>Visits a node and all below it.</summary>
    /// <param name="root">The node.</param>
    /// <param name="enter">Told of a node before its children; false passes over them.</param>
    /// <param name="leave">Told of a node after its children, whether they were visited or not.</param>
    internal static void Run(INode root, Func<INode, bool> enter, Action<INode> leave)
    {
        // By index: asking a node for its sibling looks it up among all children of its parent, which takes minutes in a list of a hundred thousand.
        var open = new Stack<(INode Node, int Next)>();
        open.Push((root, enter(root) ? 0 : int.MaxValue));
        while (open.TryPop(out var at))
        {
            if (at.Next < at.Node.ChildNodes.Length)
            {
                open.Push((at.Node, at.Next + 1));
                var child = at.Node.ChildNodes[at.Next];
                open.Push((child, enter(child) ? 0 : int.MaxValue));
            }
            else
            {
                leave(at.Node);
            }
        }
    }

    /// <summary>Puts a node's children on a stack, so that the first is taken first.</summary>
    internal static void PushChildren(Stack<INode> open, INode node)
    {
        for (var i = node.ChildNodes.Length - 1; i >= 0; i--)
        {
            open.Push(node.ChildNodes[i]);
        }
    }
}
