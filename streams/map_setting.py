"""What a map works with: catalogue, source files, registry, brake."""

from zoneinfo import ZoneInfo

from infra.brake import Brake
from infra.settings import Settings
from schemas import catalog, codec, envelope, registry, topics
from streams import map_feed
from streams.asking import Asking
from streams.map_feed import Feed, Site
from streams.map_sources import Followed


class Setting:
    """What a map knows before it starts: catalogue, feeds, schema ids."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = catalog.load(settings.catalogue)
        self.sources = Followed(settings.sources, self.catalog)
        self.arriving: dict[str, Feed] = {}
        self.site = Site(self.catalog.version, settings.key_secret, ZoneInfo(settings.timezone))
        self.registry = registry.Registry(settings.registry)
        self.asking = Asking(self.registry.schema)
        self.submissions = {item.code: envelope.submission(item) for item in self.catalog.values()}
        self.brake = Brake(settings)

    def id(self, topic: str, schema: codec.Schema) -> int:
        return self.registry.id(topics.subject(topic), schema)

    def feed(self, topic: str) -> Feed | None:
        """A tapped table's feed, one that was taken out of the files meanwhile included, that of what is asked beside its events, or a bulk producer's."""
        if topic.startswith(topics.swept("")):
            table = self.feed(topics.captured(*topic.split(".")[1:])) if topic.count(".") == 2 else None
            return map_feed.beside(table) if table else None
        if topic in self.sources.feeds:
            self.arriving[topic] = self.sources.feeds[topic]
        elif topic not in self.arriving and (found := map_feed.arriving(topic, self.catalog)):
            self.arriving[topic] = found
        return self.arriving.get(topic)
