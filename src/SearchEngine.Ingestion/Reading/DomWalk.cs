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
        var node = root;
        while (true)
        {
            if (enter(node) && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            while (true)
            {
                leave(node);
                if (node == root)
                {
                    return;
                }

                if (node.NextSibling is { } next)
                {
                    node = next;
                    break;
                }

                node = node.Parent!;
            }
        }
    }
}
