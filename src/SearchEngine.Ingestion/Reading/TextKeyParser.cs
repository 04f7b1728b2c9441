using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SearchEngine.Ingestion;

/// <summary>
/// Refuses keys that are lists or mappings, aliases of such included, as they are read: who builds the document hashes keys with all they
/// hold, without end where one holds itself.
/// </summary>
internal sealed class TextKeyParser(IParser parser) : IParser
{
    private readonly Stack<(bool IsMapping, int Nodes)> _open = new();

    /// <summary>The anchors that stand for plain text; a later anchor of the same name takes its place.</summary>
    private readonly HashSet<AnchorName> _texts = [];

    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        if (!parser.MoveNext())
        {
            return false;
        }

        switch (parser.Current)
        {
            case MappingEnd or SequenceEnd:
                _open.Pop();
                break;
            case AnchorAlias alias:
                Count(alias, _texts.Contains(alias.Value));
                break;
            case NodeEvent node:
                Count(node, node is Scalar);
                if (!node.Anchor.IsEmpty && node is Scalar)
                {
                    _texts.Add(node.Anchor);
                }
                else if (!node.Anchor.IsEmpty)
                {
                    _texts.Remove(node.Anchor);
                }

                if (node is MappingStart or SequenceStart)
                {
                    _open.Push((node is MappingStart, 0));
                }

                break;
        }

        return true;
    }

    private void Count(ParsingEvent node, bool isText)
    {
        if (!_open.TryPop(out var parent))
        {
            return;
        }

        if (parent.IsMapping && parent.Nodes % 2 == 0 && !isText)
        {
            throw new YamlException(node.Start, node.End, "a key is a list or a mapping");
        }

        _open.Push((parent.IsMapping, parent.Nodes + 1));
    }
}
