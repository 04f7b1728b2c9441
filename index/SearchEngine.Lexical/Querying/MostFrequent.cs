using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>Keeps the most frequent words of those offered, of equally frequent ones the first.</summary>
internal sealed class MostFrequent(int limit)
{
    private static readonly Comparer<(int Documents, string Word)> Last = Comparer<(int Documents, string Word)>.Create(
        (a, b) => a.Documents != b.Documents ? a.Documents.CompareTo(b.Documents) : string.CompareOrdinal(b.Word, a.Word)
    );

    private readonly PriorityQueue<string, (int Documents, string Word)> _kept = new(Last);
    private bool _isCut;

    internal void Offer(TermsEnum found)
    {
        var word = found.Term.Utf8ToString();
        if (_kept.Count < limit)
        {
            _kept.Enqueue(word, (found.DocFreq, word));
        }
        else
        {
            _kept.EnqueueDequeue(word, (found.DocFreq, word));
            _isCut = true;
        }
    }

    internal (LexicalWordCount[] Words, bool IsCut) Take() =>
        ([.. _kept.UnorderedItems.Select(item => new LexicalWordCount(item.Element, item.Priority.Documents))], _isCut);
}
